import GitOpsTypes

/// What a replacement's selector says of an object's kind, name and namespace, word by word.
struct LiteralIdentity {
    private let selector: ReplacementRule.Selector

    init(_ selector: ReplacementRule.Selector) { self.selector = selector }

    /// What objects have, or had, in any case that match.
    var query: ResourceQuery { ResourceQuery(selector) }

    /// Whether the selector means the object under any name it had.
    func matches(_ resource: Resource) -> Bool {
        matches(resource.id) || resource.hasPreviousIDs && resource.previousIDs.contains(where: matches)
    }

    private func matches(_ id: ResourceID) -> Bool {
        (selector.name.isEmpty || selector.name == id.name)
            && (selector.namespace.isEmpty || id.isInNamespace(selector.namespace)) && selector.kinds.matches(id.kind)
    }
}

/// The same with every word a regular expression for all of the text. An object without a namespace has an empty one here.
struct ExpressedIdentity {
    private let group: AnchoredPattern
    private let version: AnchoredPattern
    private let kind: AnchoredPattern
    private let name: AnchoredPattern
    private let namespace: AnchoredPattern

    /// - Parameter failure: makes the error for a word that is no expression.
    init(_ selector: ReplacementRule.Selector, failure: (String) -> KustomizeError) throws(KustomizeError) {
        func pattern(_ text: String) throws(KustomizeError) -> AnchoredPattern {
            guard !text.isEmpty else { return .any }
            guard let pattern = AnchoredPattern(text) else { throw failure(text) }
            return pattern
        }
        group = try pattern(selector.kinds.group)
        version = try pattern(selector.kinds.version)
        kind = try pattern(selector.kinds.kind)
        name = try pattern(selector.name)
        namespace = try pattern(selector.namespace)
    }

    var query: ResourceQuery {
        ResourceQuery(name: name.asName, namespace: namespace.exactText, kind: kind.exactText)
    }

    /// About how much work it is to look at an object.
    func steps(for resource: Resource) -> Int {
        let own = name.steps(for: resource.name.utf8.count) + kind.steps(for: resource.kind.kind.utf8.count)
        let others = namespace.steps(for: resource.namespace.utf8.count) + group.steps(for: resource.kind.group.utf8.count)
        return own + others + version.steps(for: resource.kind.version.utf8.count)
    }

    func matches(_ resource: Resource) -> Bool {
        matches(resource.id, namespace: resource.id.namespace)
            || resource.hasPreviousIDs
                && resource.previousIDs.contains {
                    matches($0, namespace: $0.kind.isClusterScoped ? ResourceID.noNamespace : $0.namespace)
                }
    }

    private func matches(_ id: ResourceID, namespace text: String) -> Bool {
        name.matches(id.name) && kind.matches(id.kind.kind) && namespace.matches(text) && group.matches(id.kind.group)
            && version.matches(id.kind.version)
    }
}

/// Which objects a replacement writes to.
struct ReplacementTargetMatcher {
    private enum Identity {
        case literal(LiteralIdentity)
        case expressed(ExpressedIdentity)

        var query: ResourceQuery {
            switch self {
            case .literal(let identity): identity.query
            case .expressed(let identity): identity.query
            }
        }

        func matches(_ resource: Resource) -> Bool {
            switch self {
            case .literal(let identity): identity.matches(resource)
            case .expressed(let identity): identity.matches(resource)
            }
        }
    }

    private let target: ReplacementRule.Target
    private let select: Identity
    private let reject: [Identity]

    /// - Parameter failure: makes the error for a word that is no expression.
    init(
        _ target: ReplacementRule.Target, as kustomize: KustomizeVersion, failure: (String) -> KustomizeError
    ) throws(KustomizeError) {
        func identity(_ selector: ReplacementRule.Selector) throws(KustomizeError) -> Identity {
            kustomize.selectsByExpression
                ? .expressed(try ExpressedIdentity(selector, failure: failure)) : .literal(LiteralIdentity(selector))
        }
        self.target = target
        select = try identity(target.select)
        var reject: [Identity] = []
        for selector in target.reject { reject.append(try identity(selector)) }
        self.reject = reject
    }

    /// What objects have, or had, in any case that match.
    var query: ResourceQuery {
        var query = select.query
        query.label = target.select.labels.label
        return query
    }

    /// About how much work it is to look at an object.
    func steps(for resource: Resource) -> Int {
        ([select] + reject).reduce(1) { steps, identity in
            if case .expressed(let identity) = identity { steps + identity.steps(for: resource) } else { steps + 1 }
        }
    }

    func matches(_ resource: Resource) -> Bool {
        guard select.matches(resource), target.select.matchesMetadata(resource) else { return false }
        return !zip(target.reject, reject).contains { selector, identity in
            !selector.hasNoMetadata && selector.matchesMetadata(resource) || !selector.hasNoIdentity && identity.matches(resource)
        }
    }
}
