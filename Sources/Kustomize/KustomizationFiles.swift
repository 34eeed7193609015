import GitOpsTypes
import YAMLEditing

/// Finds and reads what kustomizations refer to, within the bounds that Kustomize and the repository set.
struct KustomizationFiles {
    let source: any FileSource
    let loading: LoadRestrictions
    /// Of the render that the files are read for.
    let budget: RenderBudget

    /// What a reference leads to.
    enum Target {
        case file(path: RepositoryPath, bytes: [UInt8])
        /// A directory, under its real name.
        case directory(RepositoryPath)
    }

    /// The kustomization file of `directory`; nil when the directory has none.
    ///
    /// - Throws: `KustomizeError.conflict` when there is more than one.
    func kustomizationFile(in directory: RepositoryPath) throws -> (path: RepositoryPath, bytes: [UInt8])? {
        var found: (path: RepositoryPath, bytes: [UInt8])?
        for name in KustomizeRenderer.fileNames {
            guard let path = directory.appending(name) else { continue }
            let entry = try source.entry(at: path)
            if case .submodule(let top) = entry { throw Self.submodule(top, path, in: path, at: nil) }
            guard case .file(let bytes) = entry else { continue }
            if let first = found {
                throw KustomizeError(.conflict, "\(first.path) stands beside it", in: path, hint: "keep one of them")
            }
            try Self.requireContent(bytes, of: path)
            found = (path, bytes)
            try budget.spend(bytes: bytes.count, steps: RenderBudget.stepsOfKustomization)
        }
        return found
    }

    func target(of reference: Kustomization.Reference, in place: KustomizationPlace) throws -> Target {
        let path = try resolve(reference, in: place)
        switch try source.entry(at: path) {
        case .directory: return .directory(try source.realPath(of: path))
        case .file(let bytes):
            guard try loading == .none || source.realPath(of: path).isInside(place.directory) else {
                throw KustomizeError(
                    .forbidden, "the file “\(reference.text)” is outside of the kustomization's directory", in: place.path,
                    at: reference.position, hint: "move it into \(place.directory), or build on the directory it is in")
            }
            try budget.spend(bytes: bytes.count, steps: 100)
            try Self.requireContent(bytes, of: path)
            return .file(path: path, bytes: bytes)
        case .submodule(let top): throw Self.submodule(top, path, in: place.path, at: reference.position)
        case .missing:
            throw KustomizeError(
                .missing, "\(path) does not exist", in: place.path, at: reference.position,
                hint: "add it, or remove “\(reference.text)”")
        case .outside: throw outside(reference, place)
        case .tooLarge(let bytes):
            throw KustomizeError(
                .forbidden, "\(path) has \(bytes) bytes; at most \(FileSourceEntry.maximumBytes) are read", in: place.path,
                at: reference.position, hint: "split it")
        }
    }

    func read(_ reference: Kustomization.Reference, in place: KustomizationPlace) throws -> (path: RepositoryPath, bytes: [UInt8])
    {
        switch try target(of: reference, in: place) {
        case .file(let path, let bytes): return (path, bytes)
        case .directory:
            throw KustomizeError(.invalid, "“\(reference.text)” is a directory", in: place.path, at: reference.position)
        }
    }

    func directory(_ reference: Kustomization.Reference, in place: KustomizationPlace) throws -> RepositoryPath {
        switch try target(of: reference, in: place) {
        case .directory(let path): return path
        case .file:
            throw KustomizeError(
                .invalid, "“\(reference.text)” is a file", in: place.path, at: reference.position, hint: "name a directory")
        }
    }

    private func resolve(
        _ reference: Kustomization.Reference, in place: KustomizationPlace
    ) throws(KustomizeError) -> RepositoryPath {
        let text = reference.text
        if text.contains("://") || text.hasPrefix("git@") || text.hasPrefix("github.com/") || text.contains("?ref=") {
            throw KustomizeError(
                .forbidden, "“\(text)” is on another host", in: place.path, at: reference.position,
                hint: "copy it into the repository")
        }
        guard let path = RepositoryPath(text, relativeTo: place.directory), !text.isEmpty else { throw outside(reference, place) }
        return path
    }

    /// What stands for a file is not the file: who renders it elsewhere may have that.
    private static func requireContent(_ bytes: [UInt8], of path: RepositoryPath) throws(KustomizeError) {
        guard LargeFilePointer.isOne(bytes) else { return }
        throw KustomizeError(.unsupported, LargeFilePointer.problem, in: path, hint: LargeFilePointer.remedy(for: path))
    }

    private static func submodule(
        _ top: RepositoryPath, _ path: RepositoryPath, in file: RepositoryPath, at position: SourcePosition?
    ) -> KustomizeError {
        KustomizeError(
            .unsupported, "\(path) is in the submodule \(top): its files are in another repository", in: file, at: position,
            hint: "copy them into this one: git rm --cached \(top); rm -rf \(top)/.git; git add \(top)")
    }

    private func outside(_ reference: Kustomization.Reference, _ place: KustomizationPlace) -> KustomizeError {
        KustomizeError(
            .forbidden, "“\(reference.text)” leads out of the repository", in: place.path, at: reference.position,
            hint: "use a path inside the repository")
    }
}

/// Where a kustomization is.
struct KustomizationPlace {
    let directory: RepositoryPath
    /// Its file.
    let path: RepositoryPath
    /// The directory as seen from the overlay that is rendered, as `buildMetadata` notes it.
    let seenFrom: String

    /// A path in this directory as seen from the overlay that is rendered.
    func seen(_ reference: String) -> String {
        var parts: [Substring] = []
        for part in (seenFrom + "/" + reference).split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }
}

extension Kustomization.Reference {
    /// Whether this is what it means itself, and no path: Kustomize takes either in some fields.
    var isInline: Bool { text.contains("\n") || text.contains(": ") || text.hasPrefix("{") }
}
