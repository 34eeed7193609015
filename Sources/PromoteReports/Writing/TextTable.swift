/// Rows of text in aligned columns, two spaces apart.
struct TextTable {
    private var rows: [[String]]

    init(header: [String]? = nil) {
        rows = header.map { [$0] } ?? []
    }

    mutating func add(_ row: [String]) {
        rows.append(row)
    }

    /// The lines, without spaces at their ends.
    func lines(indentation: String = "") -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = indentation
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
