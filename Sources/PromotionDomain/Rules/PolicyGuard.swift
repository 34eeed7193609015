import SSHSignatures

extension Policy {
    /// Whether changes of `environments/` need consent: an environment asks for approvals, and there is a key that could prove them.
    ///
    /// Where no key is listed the configuration is still being set up: no consent can be proven, and the first keys are to be added
    /// by someone. The hook, `gate` and every reader of the target branch's history ask this, and nothing besides.
    public var asksConsentToChanges: Bool {
        !allowedSigners.entries.isEmpty && environments.contains { $0.approvals.required > 0 }
    }

    /// The approvers of an environment who have a key, whether it still counts or not, sorted.
    public func approversWithKeys(of environment: Environment) -> [Principal] {
        let listed = Set(allowedSigners.entries.flatMap(\.principals)).compactMap { Principal($0) }
        return listed.filter(environment.approvals.from.includes).sorted()
    }

    /// Whether the approvals that an environment asks for could be given by those whose keys are listed, for a change that one of
    /// them, or another with a key, makes.
    public func canGiveApprovals(of environment: Environment) -> Bool {
        let wanted = environment.approvals
        let approvers = approversWithKeys(of: environment)
        guard approvers.count >= wanted.required, wanted.include.isSubset(of: approvers) else { return false }
        guard wanted.excludesAuthor, approvers.count == wanted.required else { return true }
        return Set(allowedSigners.entries.flatMap(\.principals)).count > approvers.count
    }
}
