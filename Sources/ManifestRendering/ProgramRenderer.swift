import GitOpsTypes
import Kustomize
import PromotionDomain

/// Renders by a program that the policy names: on the files that it is given, with no shell, and with bounds on time and output.
struct ProgramRenderer: ManifestRenderer {
    let place: ProgramPlace
    let programs: any RenderingPrograms
    let isPermitted: @Sendable (ProgramPlace, [String]) -> Bool

    private var program: String { place.command.first ?? "" }

    func version() throws -> String {
        "program 1 \(place.definition?.version.hex ?? "") \(try programs.identity(of: program) ?? "")"
    }

    func render(_ source: any FileSource) throws -> RenderedManifests {
        let files = TracedFiles(source)
        let given = try self.files(files)
        let versions = try Self.versions(of: place, in: files)
        guard isPermitted(place, versions) else {
            throw RendererUnavailable(
                "\(program.displayable) is a program of the policy that renders, and is not permitted here in this version",
                hint: "look at it, and permit it: promote trust; in CI: PROMOTE_RUN_GATES=1")
        }
        let run = ProgramRun(
            program, Array(place.command.dropFirst()), files: given,
            executables: Set(place.executables), environment: ["TZ": "UTC"])
        let outputs = try programs.run([run, run])
        let output = outputs[0]
        guard output.status == 0 else {
            let text = output.standardError.split(whereSeparator: \.isNewline).prefix(4).joined(separator: " · ")
            throw RenderingError(
                "\(program.displayable) ended with \(output.status): \(text.displayable.prefix(800))", in: place.path,
                hint: "run it by hand in a folder with its files")
        }
        guard outputs[1].status == 0, outputs[1].standardOutput == output.standardOutput else {
            throw RenderingError(
                "\(program.displayable) does not print the same twice", in: place.path,
                hint: "have it make up nothing: no chance, no time, nothing in no order")
        }
        guard output.standardOutput.contains(where: { !$0.isSpace }) else {
            throw RenderingError("\(program.displayable) prints nothing", in: place.path, hint: "have it print the manifests")
        }
        return try rendering {
            try RenderedManifests(
                writtenIn: [(place.executables.first ?? place.path, output.standardOutput)], reads: files.identities,
                text: output.standardOutput,
                by: program.displayable)
        }
    }

    /// What stands at each of the program's own files, folders with all that is in them.
    ///
    /// - Throws: what the files throw.
    static func versions(of place: ProgramPlace, in files: any FileSource) throws -> [String] {
        try place.programFiles.map { try files.treeIdentity(of: $0) ?? files.identity(of: $0) ?? "" }
    }

    private func files(_ source: TracedFiles) throws -> [RepositoryPath: [UInt8]] {
        var found: [RepositoryPath: [UInt8]] = [:]
        for path in place.files {
            switch try source.entry(at: path) {
            case .file(let bytes): found[path] = bytes
            case .directory:
                guard try source.realPath(of: path) == path else { throw PlainFolder.unreadable(path) }
                for file in try PlainFolder(source: source).files(below: path) { found[file.path] = file.bytes }
            case .missing:
                throw RenderingError(
                    "there is no such file for the renderer", in: path, hint: "correct the application's renderer")
            case .outside, .submodule, .tooLarge: throw PlainFolder.unreadable(path)
            }
            guard found.count <= PlainFolder.maximumEntries else {
                throw RenderingError("the renderer is given more than \(PlainFolder.maximumEntries) files", in: place.path)
            }
        }
        return found
    }
}

extension UInt8 {
    /// Whether it is a space or ends a line.
    fileprivate var isSpace: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
}
