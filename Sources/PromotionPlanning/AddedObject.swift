import GitOpsTypes
import Kustomize

/// What a new object holds, in a few lines: what it may do first, and where it reaches out of its own place.
struct AddedObject {
    /// So many fields are told.
    private static let shown = 12

    private let fields: [(path: String, text: String)]

    /// - Parameter node: the object, with the values of secrets hidden.
    init(_ node: ManifestNode) {
        var fields: [(path: String, text: String)] = []
        Self.collect(node, at: "", into: &fields)
        let all = fields.enumerated().map { (rank: Self.rank($0.element.path), index: $0.offset, field: $0.element) }
        self.fields = all.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.map(\.field)
    }

    var lines: [String] {
        let rest = fields.count - Self.shown
        return fields.prefix(Self.shown).map { "  + \($0.path): \($0.text)" }
            + (rest > 0 ? ["    … and \(rest) fields more"] : [])
    }

    /// Those that say what it may do come first: rights, what of the machine it reaches, how it is reached, and what it runs.
    private static func rank(_ path: String) -> Int {
        let rights = ["roleRef", "subjects", "rules", "webhooks"]
        let reach = [
            "hostPath", "hostNetwork", "hostPID", "hostIPC", "hostPort", "privileged", "capabilities", "allowPrivilegeEscalation",
            "runAsUser", "serviceAccountName", "externalIPs", "loadBalancerSourceRanges",
        ]
        let contact = ["type", "ports", "host", "hosts", "image", "command", "args", "schedule"]
        let words = path.split { ".[]".contains($0) }.map(String.init)
        if words.first.map(rights.contains) == true { return 0 }
        if words.contains(where: reach.contains) { return 1 }
        return words.contains(where: contact.contains) ? 2 : 3
    }

    private static let told: Set<String> = ["apiVersion", "kind", "metadata.name", "metadata.namespace"]

    private static func collect(_ node: ManifestNode, at path: String, into fields: inout [(path: String, text: String)]) {
        switch node {
        case .scalar(let scalar):
            if !told.contains(path) { fields.append((path, scalar.text.displayableLine)) }
        case .list(let items):
            if items.allSatisfy({ $0.scalar != nil }) {
                let texts = items.map { $0.scalar?.text ?? "" }
                fields.append((path, "[\(texts.joined(separator: ", "))]".displayableLine))
                return
            }
            for (index, item) in items.enumerated() {
                collect(item, at: "\(path)[\(item["name"]?.text?.displayable ?? String(index))]", into: &fields)
            }
        case .map(let map):
            for entry in map.entries {
                let key = entry.key.displayable
                collect(entry.value, at: path.isEmpty ? key : "\(path).\(key)", into: &fields)
            }
        }
    }
}
