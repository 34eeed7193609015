package import GitOpsTypes
import ManifestRendering
package import PromotionDomain
import YAMLEditing

/// Sets the digest of one image in the `images` list of a kustomization, byte-exact: the digest's bytes change, and those of
/// `newTag` where the entry has one. A missing entry or list is added in the file's own indentation.
package struct ImageEntryEdit {
    let image: ReleaseImage
    let path: RepositoryPath
    /// What has the list.
    private let owner: Owner

    /// What may have a list of images.
    package enum Owner: Sendable {
        /// A kustomization, which is one document.
        case kustomization
        /// The spec of a Kustomization of Flux, among other documents.
        case flux

        /// The place of the document that has the list.
        func index(in file: YAMLFile) -> Int {
            switch self {
            case .kustomization: 0
            case .flux: file.documents.firstIndex(where: Self.isFlux) ?? 0
            }
        }

        /// The mapping that has the list.
        func node(in file: YAMLFile) -> YAMLNode? {
            switch self {
            case .kustomization: file.documents.first
            case .flux: file.documents.first(where: Self.isFlux)?["spec"]
            }
        }

        private static func isFlux(_ node: YAMLNode) -> Bool {
            FluxKustomization.isOne(kind: node["kind"]?.scalar?.text, apiVersion: node["apiVersion"]?.scalar?.text)
        }
    }

    package init(image: ReleaseImage, path: RepositoryPath, in owner: Owner = .kustomization) {
        self.image = image
        self.path = path
        self.owner = owner
    }

    /// What a list's entries call other than it was called before.
    static func renamings(
        in bytes: [UInt8], path: RepositoryPath, of owner: Owner = .kustomization
    ) throws(PlanningError) -> [(old: String, new: String)] {
        do {
            let images = try owner.node(in: YAMLFile(bytes))?["images"]?.sequence ?? []
            return images.compactMap { item in
                guard let old = item["name"]?.scalar?.text, let new = item["newName"]?.scalar?.text else { return nil }
                return (old, new)
            }
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
    }

    /// Whether the list has an entry for the image.
    func exists(in bytes: [UInt8]) throws(PlanningError) -> Bool {
        do {
            return try owner.node(in: YAMLFile(bytes))?["images"]?.sequence?.contains(where: matches) ?? false
        } catch {
            throw PlanningError(error.message, in: path, at: error.position)
        }
    }

    /// The file with the edit made. Entries that rename several things to the image are all edited.
    package func apply(to bytes: [UInt8]) throws(PlanningError) -> [UInt8] {
        do {
            var bytes = bytes
            let matches = try matches(in: YAMLFile(bytes))
            if matches.isEmpty { return try add(to: bytes) }
            for index in matches { bytes = try change(entry: index, of: bytes) }
            return bytes
        } catch let error as YAMLError {
            throw PlanningError(error.message, in: path, at: error.position)
        } catch let error as PlanningError {
            throw error
        } catch {
            throw PlanningError("\(error)", in: path)
        }
    }

    /// The places of the image's entries in `images`.
    private func matches(in file: YAMLFile) throws(PlanningError) -> [Int] {
        if case .kustomization = owner, file.documents.count > 1 {
            throw PlanningError(
                "a kustomization is one document", in: path, at: file.position(of: file.documents[1]),
                hint: "keep the first, and move the other into a file of its own")
        }
        let items = owner.node(in: file)?["images"]?.sequence ?? []
        let matches = items.indices.filter { self.matches(items[$0]) }
        var names: Set<String> = []
        for index in matches where !names.insert(items[index]["name"]?.scalar?.text ?? "").inserted {
            throw PlanningError(
                "\(image.name) has two entries under images", in: path, at: file.position(of: items[index]),
                hint: "keep one of them")
        }
        return matches
    }

    /// An entry is the image's when it names it, or when it renames something else to it.
    private func matches(_ item: YAMLNode) -> Bool {
        let name = item["name"]?.scalar?.text
        return name == image.name.text || item["newName"]?.scalar?.text == image.name.text
    }

    // MARK: An entry that exists

    private func change(entry index: Int, of bytes: [UInt8]) throws -> [UInt8] {
        let editor = YAMLEditor(try YAMLFile(bytes))
        guard let item = owner.node(in: editor.file)?["images"]?.sequence?[index] else { return bytes }
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
        guard !splices.isEmpty else { return bytes }
        let documents = intendedDocuments(editor) { images in
            guard case .sequence(var items)? = images else { return images }
            items[index] = .mapping(intended)
            return .sequence(items)
        }
        return try editor.apply(splices, intended: documents)
    }

    // MARK: An entry that does not exist

    private func add(to bytes: [UInt8]) throws -> [UInt8] {
        let editor = YAMLEditor(try YAMLFile(bytes))
        let item = [(key: "name", text: image.name.text), (key: "digest", text: image.digest.text)]
        let root = owner.node(in: editor.file)
        let images = root?.mapping?.first { $0.key.scalar?.text == "images" }
        let style = root?["resources"]
        let splice =
            if let images {
                try editor.appendItem(item, toSequenceOf: images, like: style)
            } else {
                try editor.appendList("images", item: item, to: root, like: style)
            }
        let value = YAMLValue.mapping(item.map { .init(key: .string($0.key), value: .string($0.text)) })
        let documents = intendedDocuments(editor) { images in
            if case .sequence(let items)? = images { return .sequence(items + [value]) }
            return .sequence([value])
        }
        return try editor.apply([splice], intended: documents)
    }

    /// What the whole file is to mean: as before, but for the value of `images`.
    private func intendedDocuments(_ editor: YAMLEditor, _ change: (YAMLValue?) -> YAMLValue?) -> [YAMLValue] {
        var documents = editor.file.documents.map(YAMLValue.init)
        let index = owner.index(in: editor.file)
        switch owner {
        case .kustomization:
            let changed = Self.settingImages(of: documents.first, change)
            if documents.isEmpty { documents = [changed] } else { documents[index] = changed }
        case .flux:
            guard documents.indices.contains(index), case .mapping(var pairs) = documents[index],
                let spec = pairs.firstIndex(where: { $0.key == .string("spec") })
            else { return documents }
            pairs[spec].value = Self.settingImages(of: pairs[spec].value, change)
            documents[index] = .mapping(pairs)
        }
        return documents
    }

    private static func settingImages(of value: YAMLValue?, _ change: (YAMLValue?) -> YAMLValue?) -> YAMLValue {
        guard case .mapping(var pairs)? = value else {
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
