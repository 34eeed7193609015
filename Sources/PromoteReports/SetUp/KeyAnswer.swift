public import GitOpsTypes
public import PromotionDomain
public import SSHSignatures

/// A person's key, and where it is listed.
public struct KeyReport: Sendable {
    public enum Place: Sendable {
        /// In the configuration in the work tree, which is not on the target branch yet.
        case workTree(isNew: Bool)
        case known(at: CommitID)
        case proposed(branch: BranchName, commit: CommitID, gate: Check)
    }

    public let principal: Principal
    public let key: SSHPublicKey
    /// The file of its public half; nil where Git knows it in another way.
    public let file: String?
    /// Whether it was made for this.
    public let isNew: Bool
    /// Settings of Git that were changed: `gpg.format=ssh`.
    public let settings: [String]
    public let place: Place
    /// The list of keys in the configuration.
    public let list: RepositoryPath

    public init(
        principal: Principal, key: SSHPublicKey, file: String?, isNew: Bool, settings: [String], place: Place,
        list: RepositoryPath
    ) {
        self.list = list
        self.principal = principal
        self.key = key
        self.file = file
        self.isNew = isNew
        self.settings = settings
        self.place = place
    }
}

struct KeyAnswer: Encodable, Sendable {
    @Text var principal: Principal
    let key: String
    let fingerprint: String
    @OrNull var file: String?
    let created: Bool
    let settings: [String]
    /// `workTree`, `known` or `proposed`.
    let listed: String
    @TextOrNull var branch: BranchName?
    @TextOrNull var commit: CommitID?
    /// Of a proposed one: pass, pending or fail.
    @OrNull var gate: String?

    enum CodingKeys: String, CodingKey {
        case principal
        case key
        case fingerprint
        case file
        case created
        case settings
        case listed
        case branch
        case commit
        case gate
    }

    init(_ report: KeyReport) {
        principal = report.principal
        key = report.key.line
        fingerprint = report.key.fingerprint
        file = report.file?.displayable
        created = report.isNew
        settings = report.settings.map(\.displayable)
        switch report.place {
        case .workTree: (listed, branch, commit, gate) = ("workTree", nil, nil, nil)
        case .known(let tip): (listed, branch, commit, gate) = ("known", nil, tip, nil)
        case .proposed(let branch, let commit, let check):
            (listed, self.branch, self.commit, gate) = ("proposed", branch, commit, check.status.rawValue)
        }
    }
}

extension Answer {
    /// `promote keys add`
    public init(_ report: KeyReport) {
        var lines = [Self.headline(report)]
        if let file = report.file {
            lines.append("  \(report.isNew ? "made" : "found")     \(file.displayable) (\(report.key.fingerprint))")
        }
        if report.isNew { lines.append("  it has no passphrase: ssh-keygen -p gives it one") }
        for setting in report.settings { lines.append("  git config \(setting.displayable)") }
        lines += ["", "next: " + Self.next(report)]
        self.init(json: KeyAnswer(report), text: lines.joined(separator: "\n") + "\n")
    }

    private static func headline(_ report: KeyReport) -> String {
        switch report.place {
        case .known(let tip): "Nothing to do: the policy lists this key of \(report.principal), at \(tip.short)"
        case .workTree(false): "Nothing to do: \(report.list) has this key of \(report.principal)"
        case .workTree(true): "Added a key of \(report.principal) to \(report.list)"
        case .proposed(let branch, let commit, _):
            "Proposed a key of \(report.principal): \(commit.short) on the branch \(branch)"
        }
    }

    private static func next(_ report: KeyReport) -> String {
        switch report.place {
        case .known: "promote doctor"
        case .workTree: "git add \(report.list.parent) && git commit -m \"Add a key\" && git push"
        case .proposed(let branch, let commit, let gate):
            switch gate.status {
            case .pass: "merge it: a pull request of \(branch), or git push <remote> \(commit.hex):<target branch>"
            case .pending:
                "approvers: promote approve --change \(commit.hex); then git fetch && git merge --no-ff -S \(commit.hex) && git push (\(gate.detail.displayable))"
            case .fail:
                "one who may: promote keys add --principal \(report.principal) --key \"\(report.key.line)\" (\(gate.detail.displayable))"
            }
        }
    }
}
