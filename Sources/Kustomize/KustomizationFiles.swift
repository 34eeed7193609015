import GitOpsTypes
import YAMLEditing

/// Finds and reads what kustomizations refer to, within the bounds that Kustomize and the repository set.
struct KustomizationFiles {
    let source: any FileSource
    let loading: LoadRestrictions
    /// Whether references to other repositories are followed.
    let bases: RemoteBases
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

    /// What a reference leads to that may be a file or a directory, of this repository or another one.
    func target(of reference: Kustomization.Reference, in place: KustomizationPlace) throws -> Target {
        guard let remote = RemoteReference(reference.text) else { return try local(reference, in: place) }
        if !RemoteReference.isAskedForByHTTP(reference.text), try isFile(reference, in: place) {
            return try local(reference, in: place)
        }
        return .directory(try directory(of: remote, reference, in: place))
    }

    /// Kustomize looks for a file of this name first, whatever else the name may be.
    private func isFile(_ reference: Kustomization.Reference, in place: KustomizationPlace) throws -> Bool {
        guard let path = RepositoryPath(reference.text, relativeTo: place.directory) else { return false }
        if case .file = try source.entry(at: path) { return true }
        return false
    }

    /// A directory of another repository, under its real name.
    private func directory(
        of remote: RemoteReference, _ reference: Kustomization.Reference, in place: KustomizationPlace
    ) throws -> RepositoryPath {
        func refusal(_ problem: RemoteBase.Problem) -> KustomizeError {
            KustomizeError(.forbidden, problem.message, in: place.path, at: reference.position, hint: problem.hint)
        }
        guard bases == .pinned else { throw refusal(Self.otherHost(reference.text, remote)) }
        let base: RemoteBase
        do { base = try RemoteBase(remote, writtenAs: reference.text) } catch { throw refusal(error) }
        try budget.spend(steps: RenderBudget.stepsOfRemoteBase)
        switch try source.entry(at: base.directory) {
        case .directory: return try source.realPath(of: base.directory)
        case .file, .tooLarge:
            throw refusal(.init(message: "\(base.directory) is a file", hint: "name the directory that it is in"))
        case .missing, .outside:
            throw refusal(
                .init(message: "\(base.directory) is no directory of that repository", hint: "correct the path, or the commit"))
        case .submodule(let top):
            throw refusal(
                .init(
                    message: "\(base.directory) is in the submodule \(top)", hint: "name the repository of the submodule itself"))
        }
    }

    private func local(_ reference: Kustomization.Reference, in place: KustomizationPlace) throws -> Target {
        let path = try resolve(reference, in: place)
        switch try source.entry(at: path) {
        case .directory: return .directory(try source.realPath(of: path))
        case .file(let bytes):
            // What is of another repository reads from its own directory alone.
            let isAnywhere = loading == .none && place.directory.repository == nil
            guard try isAnywhere || source.realPath(of: path).isInside(place.directory) else {
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
        switch try local(reference, in: place) {
        case .file(let path, let bytes): return (path, bytes)
        case .directory:
            throw KustomizeError(.invalid, "“\(reference.text)” is a directory", in: place.path, at: reference.position)
        }
    }

    func directory(_ reference: Kustomization.Reference, in place: KustomizationPlace) throws -> RepositoryPath {
        if let remote = RemoteReference(reference.text) { return try directory(of: remote, reference, in: place) }
        switch try local(reference, in: place) {
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
            let problem = Self.otherHost(text, RemoteReference(text))
            throw KustomizeError(.forbidden, problem.message, in: place.path, at: reference.position, hint: problem.hint)
        }
        guard let path = RepositoryPath(text, relativeTo: place.directory), !text.isEmpty else { throw outside(reference, place) }
        return path
    }

    private static func otherHost(_ text: String, _ remote: RemoteReference?) -> RemoteBase.Problem {
        if RemoteReference.isAskedForByHTTP(text) {
            guard let remote else { return RemoteFile.problem(of: text) }
            if let problem = RemoteFile.problem(of: remote, writtenAs: text) { return problem }
        }
        let further = remote == nil ? "" : "; or write bases: {remote: pinned} on the application, and pin it by a full commit"
        return RemoteBase.Problem(message: "“\(text)” is on another host", hint: "copy it into the repository" + further)
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
    /// The directory as `buildMetadata` notes it.
    let seen: SeenPlace
}

extension Kustomization.Reference {
    /// Whether this is what it means itself, and no path: Kustomize takes either in some fields.
    var isInline: Bool { text.contains("\n") || text.contains(": ") || text.hasPrefix("{") }
}
