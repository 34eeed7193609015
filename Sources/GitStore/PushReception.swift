import Foundation
public import GitOpsTypes

/// What a remote says of the pushes that it takes, beside what Git is set up to send here.
///
/// Source: gitprotocol-capabilities(5), `atomic`, `push-options`, `push-cert`; git-config(1), `push.pushOption`, `push.gpgSign`.
public struct PushReception: Hashable, Sendable {
    /// Something that is the matter, and what mends it.
    public struct Remark: Hashable, Sendable {
        public let what: String
        public let remedy: String
    }

    enum Signing: Hashable {
        case never
        case ifAsked
        case always
    }

    private let capabilities: Set<String>
    private let sendsOptions: Bool
    private let signing: Signing

    /// - Parameter advertisement: the capabilities, separated by spaces.
    init(advertisement: String, configuration: GitConfiguration) {
        capabilities = Set(
            advertisement.split(separator: " ").map { String($0.split(separator: "=", maxSplits: 1).first ?? $0) })
        sendsOptions = configuration["push.pushoption"].map { !$0.isEmpty } ?? false
        signing =
            switch configuration["push.gpgsign"]?.lowercased() {
            case nil: .never
            case "if-asked": .ifAsked
            case let text?: ["true", "yes", "on", "1"].contains(text) ? .always : .never
            }
    }

    /// Why no push can succeed; nil when there is no reason.
    public var problem: Remark? {
        if !capabilities.contains("atomic") {
            return Remark(
                what: "it takes no atomic pushes: of an event and what it is about, one could land without the other",
                remedy: "on the server: git config receive.advertiseAtomic true, or a Git newer than 2.4")
        }
        if sendsOptions, !capabilities.contains("push-options") {
            return Remark(
                what: "push.pushOption is set here, and it takes no push options",
                remedy: "git config --unset-all push.pushOption; or on the server: git config receive.advertisePushOptions true")
        }
        if signing == .always, !capabilities.contains("push-cert") {
            return Remark(
                what: "push.gpgSign is true here, and it takes no signed pushes",
                remedy: "git config push.gpgSign if-asked; or on the server: git config receive.certNonceSeed <secret>")
        }
        return nil
    }

    /// What a hook of it may ask for, and is not sent from here.
    public var unmet: [Remark] {
        var remarks: [Remark] = []
        if capabilities.contains("push-cert"), signing == .never {
            remarks.append(
                Remark(
                    what: "it takes signed pushes, and a hook of it may refuse others",
                    remedy: "git config push.gpgSign if-asked"))
        }
        if capabilities.contains("push-options"), !sendsOptions {
            remarks.append(
                Remark(
                    what: "it takes push options, and a hook of it may ask for some",
                    remedy: "git config --add push.pushOption <option>"))
        }
        return remarks
    }
}

extension GitProgram {
    /// Asks the remote what pushes it takes, without pushing; nil when it does not say.
    ///
    /// Git hands its capabilities out nowhere but in its trace of the protocol's lines, which are no messages.
    ///
    /// - Parameter commit: one that the repository has.
    public func reception(_ remote: String, _ branch: BranchName, _ commit: CommitID) async throws -> PushReception? {
        let trace = FileManager.default.temporaryDirectory.appending(component: "promote-\(UUID().uuidString).trace")
        // What cannot be taken away stays in the folder for temporary files.
        defer { try? FileManager.default.removeItem(at: trace) }
        _ = try await ask(
            remote, ["push", "--dry-run", "--porcelain", "--no-verify", remote, "\(commit.hex):\(branch.ref)"],
            "read what \(remote) takes", environment: ["GIT_TRACE_PACKET": trace.path])
        let lines = String(decoding: FileManager.default.contents(atPath: trace.path) ?? Data(), as: UTF8.self)
        guard let advertisement = lines.split(separator: "\n").lazy.compactMap(Self.capabilities).first else { return nil }
        return PushReception(advertisement: advertisement, configuration: try await configuration())
    }

    /// What stands behind the null character of a received line, which is written as `\0`.
    private static func capabilities(_ line: Substring) -> String? {
        guard line.contains("< "), let null = line.firstRange(of: "\\0") else { return nil }
        return String(line[null.upperBound...])
    }
}
