import GitOpsTypes
import Glibc
import Kustomize
import SystemPackage

/// Renders every kustomization of a folder: for a check that all of them still render, and of what they render.
public struct FolderRendering: Sendable {
    private let files: FolderFiles
    private let top: RepositoryPath

    public struct Outcome: Sendable {
        /// From the folder that was given; `.` for that itself.
        public let directory: String
        /// As `kustomize build` prints them.
        public let yaml: Result<[UInt8], any Error>
    }

    /// - Throws: `Errno` when `directory` is no directory.
    public init(_ directory: String) throws {
        (files, top) = try FolderFiles.around(directory)
    }

    /// All kustomizations but components, which render only as a part of others, in the order of their paths. Bases are built
    /// once for all; the work is shared between as many tasks as there are processors.
    ///
    /// - Throws: `Errno` when a folder cannot be listed.
    public func renderAll() async throws -> [Outcome] {
        let directories = try files.directories(below: top, having: KustomizeRenderer.fileNames)
        let workers = max(1, min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), directories.count))
        let shared = SharedBases()
        return await withTaskGroup(of: [(Int, Outcome?)].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    stride(from: worker, to: directories.count, by: workers).map { ($0, outcome(of: directories[$0], shared)) }
                }
            }
            var outcomes = Array<Outcome?>(repeating: nil, count: directories.count)
            for await part in group {
                for (index, outcome) in part { outcomes[index] = outcome }
            }
            return outcomes.compactMap(\.self)
        }
    }

    /// Nil for a component.
    private func outcome(of directory: RepositoryPath, _ shared: SharedBases) -> Outcome? {
        let renderer = KustomizeRenderer(files: files, sharing: shared)
        let yaml = Result { try renderer.renderUnlessComponent(directory)?.yaml() }
        let name = directory == top ? "." : String(directory.description.dropFirst(top.isRoot ? 0 : top.description.count + 1))
        switch yaml {
        case .success(let bytes?): return Outcome(directory: name, yaml: .success(bytes))
        case .success(nil): return nil
        case .failure(let error): return Outcome(directory: name, yaml: .failure(error))
        }
    }
}
