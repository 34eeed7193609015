/// `scope`: a promotion changes what the plan said and nothing else.
enum ScopeGate {
    static func check(_ evidence: ContentEvidence) -> Check {
        switch evidence.scope {
        case .exact(let paths) where paths.isEmpty:
            Check(.scope, .pass, "nothing changes: the environment has the release already")
        case .exact(let paths): Check(.scope, .pass, "changes \(paths.joined(separator: ", ")) and nothing else")
        case .violated(let what): Check(.scope, .fail, what)
        }
    }
}
