import GitOpsTypes
import GitStore
import PromotionDomain
import PromotionForge
import PromotionLedger

/// What `doctor` found of one thing that has to be right.
public struct SetupFinding: Sendable {
    public enum Status: String, Sendable {
        case good
        /// It works, and less is enforced than could be.
        case warning
        case problem
    }

    public let topic: String
    public let status: Status
    public let detail: String
    /// What to do about it; nil where there is nothing to do.
    public let remedy: String?
}

/// Looks at the set-up as a careful colleague would: identity, keys, policy, ledgers, and what the forge enforces.
struct Doctor: Sendable {
    let session: Session

    /// - Throws: what keeps anything from being looked at: no repository, no remote.
    func findings() async throws -> [SetupFinding] {
        let snapshot: Snapshot
        do {
            snapshot = try await session.refresh(identifying: true)
        } catch {
            guard let finding = Self.policyFinding(error) else { throw error }
            return [finding] + (try await findingsWithoutPolicy())
        }
        var findings = [
            countingFinding(snapshot), identity(snapshot), try await gitFinding(),
        ]
        findings += [try await signingFinding(), try await unpushedFinding(snapshot)].compactMap(\.self)
        findings += receivingFindings()
        findings += try await machineFindings(snapshot)
        findings += try await remoteFindings(snapshot.tip)
        if let finding = Self.policyFinding(snapshot) { findings.append(finding) }
        for application in snapshot.policy.applications {
            findings += try await ledgerFindings(application.name, snapshot)
        }
        findings += try await ledgerFindings(.environments, snapshot)
        findings += quorumFindings(snapshot)
        findings += roleFindings(snapshot)
        findings += try await sourceFindings(snapshot)
        findings += try await markerFindings(snapshot)
        findings += try await releaseFindings(snapshot)
        findings += try await BlockingBranches(session: session).blockingFindings(snapshot)
        findings += try await HistoryWatch(session: session).rewrittenHistory(snapshot, of: nil).map {
            SetupFinding(topic: "history", status: .problem, detail: $0.what, remedy: $0.hint)
        }
        if let problem = SkipEvent(session: session).clockProblem(
            snapshot, try await SkipEvent(session: session).newestTime(snapshot))
        {
            findings.append(SetupFinding(topic: "clock", status: .problem, detail: problem, remedy: "set this machine's clock"))
        }
        do {
            guard let forge = try session.forge(snapshot.policy) else {
                return findings + [
                    SetupFinding(
                        topic: "forge", status: .good,
                        detail: session.workspace.isOffline
                            ? "not asked: --offline" : "none: pull requests are records in the ledger", remedy: nil)
                ]
            }
            return findings + (try await forgeFindings(forge, snapshot))
        } catch EngineError.configuration(let message, let hint) {
            return findings + [SetupFinding(topic: "forge", status: .problem, detail: message, remedy: hint)]
        }
    }

    private static func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    private static func policyFinding(_ snapshot: Snapshot) -> SetupFinding? {
        guard let violation = snapshot.openPolicyViolations.last else { return nil }
        let count = snapshot.openPolicyViolations.count
        return SetupFinding(
            topic: "policy", status: .problem,
            detail:
                "\(counted(count, "violation")): environments/ by \(violation.commit.short) does not count: \(violation.detail)",
            remedy: "\(violation.nextStep); to be told no more: promote accept --policy --reason <why>")
    }

    /// Which policy counts, and whether that is what the target branch has.
    private func countingFinding(_ snapshot: Snapshot) -> SetupFinding {
        let (applications, environments) = (snapshot.policy.applications.count, snapshot.policy.environments.count)
        let size = "\(Self.counted(applications, "application")) and \(Self.counted(environments, "environment"))"
        guard let uncounted = snapshot.uncountedChange, let counting = snapshot.timeline.history.steps.last else {
            return SetupFinding(
                topic: "policy", status: .good, detail: "\(size) at \(snapshot.tip.short) of \(session.workspace.targetBranch)",
                remedy: nil)
        }
        return SetupFinding(
            topic: "policy", status: .warning,
            detail:
                "\(size) by the policy of \(counting.commit.short), which counts; \(session.workspace.repository.configurationFolder ?? PolicyReader.usualDirectory)/ at "
                + "\(snapshot.tip.short) of \(session.workspace.targetBranch) is another version, by \(uncounted.commit.short), and does not",
            remedy: uncounted.nextStep)
    }

    private func identity(_ snapshot: Snapshot) -> SetupFinding {
        guard let user = session.identity.user else {
            return Self.unknownIdentity
        }
        let authorization = Authorization(snapshot.actor, under: snapshot.policy, at: snapshot.time)
        if let problem = authorization.identityProblem {
            return SetupFinding(
                topic: "identity", status: .problem, detail: problem, remedy: KeyAdvice(session: session).keyAdvice(snapshot))
        }
        if authorization.isProven {
            return SetupFinding(
                topic: "identity", status: .good, detail: "\(user.principal), proven by a key of allowed_signers", remedy: nil)
        }
        return SetupFinding(
            topic: "identity", status: .warning,
            detail: "\(user.principal) has no key in allowed_signers, and counts only where no list restricts a role",
            remedy: KeyAdvice(session: session).keyAdvice(snapshot))
    }

    private func ledgerFindings(_ application: ApplicationName, _ snapshot: Snapshot) async throws -> [SetupFinding] {
        do {
            let view = try await session.ledger(of: application, snapshot, extent: .present)
            if let early = view.early {
                let refusal = SkipEvent(session: session).refusal(of: early, application, at: snapshot.time)
                return [SetupFinding(topic: "ledger", status: .problem, detail: refusal.message, remedy: refusal.hint)]
            }
            return try await leftoverFindings(application, view.state)
        } catch let refusal as Refusal {
            return [SetupFinding(topic: "ledger", status: .problem, detail: refusal.message, remedy: refusal.hint)]
        }
    }

    // MARK: The forge

    private func forgeFindings(_ forge: any Forge, _ snapshot: Snapshot) async throws -> [SetupFinding] {
        func finding(_ topic: String, _ status: SetupFinding.Status, _ detail: String, _ remedy: String? = nil) -> SetupFinding {
            SetupFinding(topic: topic, status: status, detail: detail, remedy: remedy)
        }
        let repository: ForgeRepository
        do throws(ForgeError) {
            repository = try await forge.repository()
        } catch {
            return [
                finding(
                    "forge", .problem, error.reason,
                    "set PROMOTE_TOKEN, or \(tokenName(forge.kind)), to a token that may read and write pull requests and statuses"
                )
            ]
        }
        var findings = [
            finding("forge", .good, "\(forge.kind.name), \(repository.name)")
        ]
        if repository.isArchived { findings.append(finding("repository", .problem, "it is archived", "unarchive it")) }
        if let branch = repository.defaultBranch, branch != session.workspace.targetBranch.text {
            findings.append(
                finding(
                    "target branch", .warning,
                    "the forge's default branch is \(branch), and promotions go into \(session.workspace.targetBranch)",
                    "git config promote.branch \(branch), if that is meant"))
        }
        if let time = repository.time {
            let skew = session.workspace.clock.now().seconds - time.seconds
            findings.append(
                abs(skew) <= 60
                    ? finding("clock", .good, "within a minute of the forge's")
                    : finding(
                        "clock", .problem, "\(abs(skew)) seconds \(skew > 0 ? "ahead of" : "behind") the forge's",
                        "set this machine's clock"))
        }
        if !repository.scopes.isEmpty, !repository.scopes.contains("repo") {
            findings.append(
                finding(
                    "token", .problem, "its scopes are \(repository.scopes.joined(separator: ", "))",
                    "make one with the scope repo, or one for this repository with pull requests and statuses to read and write"))
        }
        findings.append(await account(forge, snapshot))
        findings += await protections(forge, snapshot)
        findings += await permissions(forge, snapshot)
        findings.append(
            finding(
                "webhooks", .good,
                "none are needed: `promote sync` and `reconcile --watch` ask; let CI run one of them when a pull request is merged"
            ))
        let unknown = snapshot.policy.environments.flatMap(\.approvals.from.principals).filter {
            snapshot.policy.forge.settings?.logins(of: $0).isEmpty ?? true
        }
        if !unknown.isEmpty {
            let names = Set(unknown).sorted().map(\.text).joined(separator: ", ")
            findings.append(
                finding(
                    "reviews", .warning, "reviews by \(names) do not count: no account is theirs by the policy",
                    "list them under `identities` of the Forge in environments/"))
        }
        return findings
    }

    /// Whether those who may merge by the policy may on the forge.
    private func permissions(_ forge: any Forge, _ snapshot: Snapshot) async -> [SetupFinding] {
        let mergers = Set(snapshot.policy.environments.flatMap(\.mergers.principals)).sorted()
        var findings: [SetupFinding] = []
        for (principal, login) in mergers.flatMap({ merger in
            (snapshot.policy.forge.settings?.logins(of: merger) ?? []).map { (merger, $0) }
        }) {
            do throws(ForgeError) {
                guard try await forge.permission(of: login) < .write else { continue }
                findings.append(
                    SetupFinding(
                        topic: "permissions", status: .warning,
                        detail: "\(principal) may merge by the policy, and \(login) may not write on \(forge.kind.name)",
                        remedy: "give \(login) the right to write, or take \(principal) off the mergers"))
            } catch {
                return findings + [
                    SetupFinding(
                        topic: "permissions", status: .warning, detail: "not known: \(error.reason)",
                        remedy: "look at it with a token that may read who has access")
                ]
            }
        }
        return findings
    }

    private func account(_ forge: any Forge, _ snapshot: Snapshot) async -> SetupFinding {
        do throws(ForgeError) {
            let account = try await forge.account()
            guard let principal = snapshot.policy.forge.settings?.principal(of: account.login) else {
                return SetupFinding(
                    topic: "account", status: .warning,
                    detail: "the token is that of \(account.login), which `identities` maps to no principal",
                    remedy: "fine for a machine; a person's account belongs into `identities` of the Forge")
            }
            return SetupFinding(
                topic: "account", status: .good, detail: "the token is that of \(account.login), \(principal)", remedy: nil)
        } catch {
            return SetupFinding(
                topic: "account", status: .warning, detail: "whose token it is cannot be told: \(error.reason)",
                remedy: "tokens of apps and of CI jobs have no account; a person's token lacks a scope")
        }
    }

    private func protections(_ forge: any Forge, _ snapshot: Snapshot) async -> [SetupFinding] {
        var findings: [SetupFinding] = []
        let ledger = snapshot.policy.applications.first.map { session.workspace.ledgers.branch(of: $0.name) }
        for branch in Set([session.workspace.targetBranch] + snapshot.policy.environments.compactMap(\.branch)).sorted() {
            findings += await protection(of: branch, forge, isLedger: false)
        }
        if let ledger { findings += await protection(of: ledger, forge, isLedger: true) }
        return findings
    }

    private func protection(of branch: BranchName, _ forge: any Forge, isLedger: Bool) async -> [SetupFinding] {
        func finding(_ status: SetupFinding.Status, _ detail: String, _ remedy: String? = nil) -> SetupFinding {
            SetupFinding(topic: "protection of \(branch)", status: status, detail: detail, remedy: remedy)
        }
        let protection: BranchProtection
        do throws(ForgeError) {
            protection = try await forge.protection(of: branch)
        } catch {
            protection = .unknown(error.reason)
        }
        switch protection {
        case .unknown(let reason):
            return [finding(.warning, "not known: \(reason)", "look at it with an administrator's token")]
        case .unprotected:
            return [
                isLedger
                    ? finding(
                        .warning, "none: every account that may push may rewrite the ledger, which is noticed and not prevented",
                        "forbid force pushes and deletion for \(session.workspace.ledgers.prefix)*")
                    : finding(
                        .problem, "none: every account that may push can merge past the gate",
                        "protect \(branch): pull requests only, with the status \(GateStatus.name) required")
            ]
        case .protected(let rules):
            var findings: [SetupFinding] = []
            if rules.forbidsForcePush == false {
                findings.append(finding(.problem, "force pushes are allowed", "forbid them for \(branch)"))
            }
            guard !isLedger else { return findings.isEmpty ? [finding(.good, "force pushes are forbidden")] : findings }
            if let required = rules.requiredStatuses, !required.contains(GateStatus.name) {
                findings.append(
                    finding(
                        .problem, "the status \(GateStatus.name) is not required",
                        "require it for \(branch), from `promote gate` in CI"))
            }
            if rules.dismissesStaleApprovals == false {
                findings.append(
                    finding(
                        .warning, "approvals stay when something is pushed; promote does not count them, the forge does",
                        "let new commits dismiss approvals of \(branch)"))
            }
            return findings.isEmpty ? [finding(.good, "\(branch) is protected")] : findings
        }
    }

    /// The variable that a token is read from, for people.
    private func tokenName(_ kind: ForgeKind) -> String {
        session.workspace.forges.tokenVariable(of: kind) ?? "PROMOTE_TOKEN"
    }
}
