/// The candidate that `text` is most likely a slip of the keyboard for; nil when none is near enough to suggest.
///
/// Nearness is the edit distance with transpositions (optimal string alignment), at most a third of the length.
public func closestMatch(to text: String, among candidates: some Sequence<String>) -> String? {
    let limit = max(1, text.count / 3)
    return
        candidates
        .map { (candidate: $0, distance: editDistance(Array(text.lowercased()), Array($0.lowercased()))) }
        .filter { $0.distance <= limit }
        .min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?.candidate
}

private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for (row, character) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            var best = min(previous[column] + (character == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, character == right[column - 1], left[row - 1] == other {
                best = min(best, beforePrevious[column - 1] + 1)
            }
            current.append(best)
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[right.count]
}
