/// The faults of a ledger that a report tells one by one: of each kind the first ones, so that a report stays readable, and many of
/// one kind hide none of another.
struct ToldFaults<Fault> {
    /// So many of one kind are told.
    static var limit: Int { 50 }

    let told: [Fault]
    /// How many there are besides.
    let untold: Int

    /// - Parameter reason: why something is one; its kind is what stands before the first colon, which is the rule where one refused.
    init(_ faults: [Fault], by reason: (Fault) -> String = { _ in "" }) {
        var counts: [String: Int] = [:]
        told = faults.filter { fault in
            let kind = Self.kind(of: reason(fault))
            counts[kind, default: 0] += 1
            return counts[kind, default: 0] <= Self.limit
        }
        untold = faults.count - told.count
    }

    /// A line about those that are not told; nil where there are none.
    var rest: String? { untold == 0 ? nil : "… and \(untold) more" }

    /// Without a colon there is no rule, and all of those are of one kind: their words are made of what others wrote.
    private static func kind(of reason: String) -> String {
        guard let colon = reason.firstIndex(of: ":") else { return "" }
        let kind = reason[..<colon]
        return kind.allSatisfy { $0 == "-" || $0.isASCII && $0.isLowercase } ? String(kind) : ""
    }
}
