public import GitOpsTypes

/// A program that prints the manifests of an application.
public struct ProgramSource: Hashable, Sendable {
    /// The program and its arguments; no shell sees them.
    public let command: [NameTemplate]
    /// What it is given of the repository, in its working directory.
    public let files: [PathTemplate]
    /// Where the policy names it; without that, it is not run.
    public let definition: ExternalGate.Definition?

    public init(command: [NameTemplate], files: [PathTemplate], definition: ExternalGate.Definition?) {
        self.command = command
        self.files = files
        self.definition = definition
    }

    func place(of application: ApplicationName, in environment: EnvironmentName) -> ProgramPlace {
        let own = files.filter(\.hasEnvironment).map { $0.path(application: application, environment: environment) }
        return ProgramPlace(
            command: command.map { $0.text(application: application, environment: environment) },
            files: files.map { $0.path(application: application, environment: environment) }, ownFiles: own,
            definition: definition)
    }
}

/// A program as it is run for one environment.
public struct ProgramPlace: Hashable, Sendable {
    public let command: [String]
    public let files: [RepositoryPath]
    /// Those of its files that are this environment's.
    public let ownFiles: [RepositoryPath]
    public let definition: ExternalGate.Definition?

    /// The path that it is known by.
    public var path: RepositoryPath { ownFiles.first ?? files.first ?? .root }

    /// What of the command is a file of the repository by its path, which is run.
    public var executables: [RepositoryPath] {
        command.compactMap { word in
            guard let path = RepositoryPath(word), !path.isRoot else { return nil }
            return files.contains { path.isInside($0) } ? path : nil
        }
    }

    /// What is part of the program: what of it is run, and all that it is given besides the environment's own files.
    public var programFiles: [RepositoryPath] {
        Set(executables + files.filter { !ownFiles.contains($0) }).sorted()
    }
}
