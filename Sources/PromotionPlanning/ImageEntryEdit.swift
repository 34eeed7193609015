package import GitOpsTypes
package import PromotionModel
import YAMLEditing

/// Sets the digest of one image in the `images` list of a kustomization, byte-exact: the digest's bytes change, and those of
/// `newTag` where the entry has one. A missing entry or list is added in the file's own indentation.
package struct ImageEntryEdit {
    let image: ReleaseImage
    let path: RepositoryPath

    package init(image: ReleaseImage, path: RepositoryPath) {
        self.image = image
        self.path = path
    }

    /// The names that an image has in manifests rendered with a kustomization as it stands.
    package static func names(
        of image: ImageName, in bytes: [UInt8], path: RepositoryPath
    ) throws(PlanningError) -> Set<String> {
        do {
            let images = try YAMLFile(bytes).documents.first?["images"]?.sequence ?? []
            let renamed = images.filter { $0["name"]?.scalar?.text == image.text }.compactMap { $0["newName"]?.scalar?.text }
            return Set(renamed).union([image.text])
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
    }

    /// Whether the kustomization has an entry for the image.
    func exists(in bytes: [UInt8]) throws(PlanningError) -> Bool {
        do {
            return try YAMLFile(bytes).documents.first?["images"]?.sequence?.contains(where: matches) ?? false
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
    }

    /// The file with the edit made, and the names that the image then has in rendered manifests.
    package func apply(to bytes: [UInt8]) throws(PlanningError) -> (bytes: [UInt8], names: Set<String>) {
        do {
            let file = try YAMLFile(bytes)
            guard file.documents.count <= 1 else {
                throw PlanningError("a kustomization is one document", in: path, at: file.position(of: file.documents[1]))
            }
            let editor = YAMLEditor(file)
            let root = file.documents.first
            let images = root?.mapping?.first { $0.key.scalar?.text == "images" }
            if let images, let items = images.value.sequence {
                let matches = items.indices.filter { self.matches(items[$0]) }
                guard matches.count <= 1 else {
                    throw PlanningError(
                        "\(image.name) has two entries under images", in: path, at: file.position(of: items[matches[1]]),
                        hint: "keep one of them")
                }
                if let index = matches.first { return try change(items[index], at: index, in: editor) }
            }
            return (try add(to: images, in: editor), [image.name.text])
        } catch let error as YAMLError {
            throw PlanningError(error.message, in: path, at: error.position)
        } catch let error as PlanningError {
            throw error
        } catch {
            throw PlanningError("\(error)", in: path)
        }
    }

    /// An entry is the image's when it names it, or when it renames something else to it.
    private func matches(_ item: YAMLNode) -> Bool {
        let name = item["name"]?.scalar?.text
        return name == image.name.text || item["newName"]?.scalar?.text == image.name.text
    }

    // MARK: An entry that exists

    private func change(
        _ item: YAMLNode, at index: Int, in editor: YAMLEditor
    ) throws -> (bytes: [UInt8], names: Set<String>) {
        guard let entries = item.mapping, !item.isAlias else {
            throw PlanningError(
                "the entry of \(image.name) is an alias of another", in: path, at: editor.file.position(of: item),
                hint: "write it out")
        }
        guard let nameEntry = entries.first(where: { $0.key.scalar?.text == "name" }) ?? entries.first else {
            throw PlanningError("the entry has no name", in: path, at: editor.file.position(of: item))
        }
        var splices: [ByteSplice] = []
        var intended = entries.map { YAMLValue.Pair(key: YAMLValue($0.key), value: YAMLValue($0.value)) }
        func entry(_ key: String) -> YAMLEntry? { entries.first { $0.key.scalar?.text == key } }
        func position(_ key: String) -> Int { intended.firstIndex { $0.key == .string(key) } ?? intended.count }

        let digest = image.digest.text
        if let present = entry("digest") {
            if present.value.scalar?.text != digest || present.value.isNull {
                splices.append(editor.replaceScalar(present.value, with: digest))
            }
            intended[position("digest")].value = .string(digest)
        }
        if let tag = entry("newTag") {
            if let newTag = image.tag?.text {
                if YAMLValue(tag.value) != .string(newTag) { splices.append(editor.replaceScalar(tag.value, with: newTag)) }
                intended[position("newTag")].value = .string(newTag)
            } else {
                splices.append(editor.removeEntry(tag, from: item))
                intended.remove(at: position("newTag"))
            }
        }
        if entry("digest") == nil {
            // Beside what stays: below newTag or newName where the entry has them, so that name stays first.
            let kept = ["newTag", "newName"].compactMap(entry).first { $0.key.scalar?.text != "newTag" || image.tag != nil }
            let sibling = kept ?? nameEntry
            splices.append(editor.insertEntry("digest", digest, after: sibling, in: item))
            intended.insert(
                .init(key: .string("digest"), value: .string(digest)), at: position(sibling.key.scalar?.text ?? "") + 1)
        }
        let names = Set([entry("newName")?.value.scalar?.text, image.name.text].compactMap(\.self))
        guard !splices.isEmpty else { return (editor.file.bytes, names) }
        let document = intendedDocument(editor) { images in
            guard case .sequence(var items)? = images else { return images }
            items[index] = .mapping(intended)
            return .sequence(items)
        }
        return (try editor.apply(splices, intended: [document]), names)
    }

    // MARK: An entry that does not exist

    private func add(to images: YAMLEntry?, in editor: YAMLEditor) throws -> [UInt8] {
        let item = [(key: "name", text: image.name.text), (key: "digest", text: image.digest.text)]
        let root = editor.file.documents.first
        let style = root?["resources"]
        let splice =
            if let images {
                try editor.appendItem(item, toSequenceOf: images, like: style)
            } else {
                try editor.appendList("images", item: item, to: root, like: style)
            }
        let value = YAMLValue.mapping(item.map { .init(key: .string($0.key), value: .string($0.text)) })
        let document = intendedDocument(editor) { images in
            if case .sequence(let items)? = images { return .sequence(items + [value]) }
            return .sequence([value])
        }
        return try editor.apply([splice], intended: [document])
    }

    /// What the whole file is to mean: as before, but for the value of `images`.
    private func intendedDocument(_ editor: YAMLEditor, _ change: (YAMLValue?) -> YAMLValue?) -> YAMLValue {
        guard let root = editor.file.documents.first, case .mapping(var pairs) = YAMLValue(root) else {
            return .mapping([.init(key: .string("images"), value: change(nil) ?? .sequence([]))])
        }
        if let index = pairs.firstIndex(where: { $0.key == .string("images") }) {
            pairs[index].value = change(pairs[index].value) ?? pairs[index].value
        } else {
            pairs.append(.init(key: .string("images"), value: change(nil) ?? .sequence([])))
        }
        return .mapping(pairs)
    }
}
