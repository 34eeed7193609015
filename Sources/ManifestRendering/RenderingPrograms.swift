public import GitOpsTypes

/// Runs programs that render, on files of a tree and away from everything else.
public protocol RenderingPrograms: Sendable {
    /// Which file of this machine a program is: another after an update.
    ///
    /// - Parameter program: its name in PATH.
    /// - Returns: nil where there is none.
    /// - Throws: what the machine throws.
    func identity(of program: String) throws -> String?

    /// Runs programs side by side, each to its end, each in an empty folder that has its files, and with nothing of the environment
    /// but PATH.
    ///
    /// - Returns: what they printed, in the same order.
    /// - Throws: `RendererUnavailable` where one cannot be started, takes too long or prints without end.
    func run(_ runs: [ProgramRun]) throws -> [ProgramOutput]
}

/// What a program is run with.
public struct ProgramRun: Sendable {
    public let program: String
    public let arguments: [String]
    /// For the folder that it is run in.
    public let files: [RepositoryPath: [UInt8]]
    /// Those of its files that may be run.
    public let executables: Set<RepositoryPath>
    /// Besides PATH, HOME and TMPDIR.
    public let environment: [String: String]
    /// So many milliseconds after the others.
    public let delay: Int

    public init(
        _ program: String, _ arguments: [String], files: [RepositoryPath: [UInt8]] = [:],
        executables: Set<RepositoryPath> = [], environment: [String: String] = [:], delay: Int = 0
    ) {
        self.executables = executables
        self.program = program
        self.arguments = arguments
        self.files = files
        self.environment = environment
        self.delay = delay
    }
}

/// What a program has printed.
public struct ProgramOutput: Sendable {
    /// 0 where it succeeded.
    public let status: Int32
    public let standardOutput: [UInt8]
    public let standardError: String

    public init(status: Int32, standardOutput: [UInt8], standardError: String) {
        self.status = status
        self.standardOutput = standardOutput
        self.standardError = standardError
    }
}

/// No programs at all.
public struct NoRenderingPrograms: RenderingPrograms {
    public init() {}

    public func identity(of program: String) -> String? { nil }

    public func run(_ runs: [ProgramRun]) throws -> [ProgramOutput] {
        throw RendererUnavailable("no program is run here", hint: "render it where programs may be run")
    }
}
