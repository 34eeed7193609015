import SSHSignatures

extension Policy {
    /// Whether changes of `environments/` need consent: an environment asks for approvals, and there is a key that could prove them.
    ///
    /// Where no key is listed the configuration is still being set up: no consent can be proven, and the first keys are to be added
    /// by someone. The hook, `gate` and every reader of the target branch's history ask this, and nothing besides.
    public var asksConsentToChanges: Bool {
        !allowedSigners.entries.isEmpty && environments.contains { $0.approvals.required > 0 }
    }
}
