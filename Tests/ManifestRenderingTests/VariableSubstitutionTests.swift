import Testing

@testable import ManifestRendering

/// What Flux's substitution makes of expressions. Source: the cases of fluxcd/pkg/envsubst.
@Suite struct VariableSubstitutionTests {
    private let variables = [
        "a": "abcABC", "n": "", "long": "This is a string", "path": "/usr/local/bin", "d": "01234567890abcdefgh",
    ]

    @Test(arguments: [
        ("text", "text"), ("$a $", "$a $"), ("$${a}", "${a}"), ("${a}", "abcABC"), ("x${a}y${n}z", "xabcABCyz"), ("${none}", ""),
        ("${n:-other}", "other"), ("${a:-other}", "abcABC"), ("${n:=other}", "other"), ("${n=other}", "other"),
        ("${n:-${a}}", "abcABC"), ("${n:-x ${a} y}", "x abcABC y"), ("${none:-}", ""), ("${#a}", "6"), ("${a^}", "AbcABC"),
        ("${a^^}", "ABCABC"), ("${a,,}", "abcabc"), ("${a,}", "abcABC"), ("${d:7}", "7890abcdefgh"), ("${d:7:2}", "78"),
        ("${d:-7}", "01234567890abcdefgh"), ("${d:99}", ""), ("${long/is/at}", "That is a string"),
        ("${long//is/at}", "That at a string"), ("${long/#This/That}", "That is a string"),
        ("${long/%string/text}", "This is a text"),
        ("${long/ is/}", "This a string"), ("${path#*/}", "usr/local/bin"), ("${path##*/}", "bin"), ("${path%/*}", "/usr/local"),
        ("${path%%/*}", ""), ("${d:7:9223372036854775807}", "7890abcdefgh"),
        ("${a#*}", "bcABC"), ("${a##*}", ""), ("${a%?}", "abcAB"), ("${a#}", "abcABC"), ("${a##x*}", "abcABC"),
        ("${path/\\/usr/x}", "x/local/bin"),
    ])
    func `An expression has its value`(_ text: String, _ expected: String) throws {
        #expect(try VariableSubstitution(text, variables).result() == expected)
    }

    @Test(arguments: ["${a", "${", "${}", "${ a}", "${a b}", "${a/x}", "${a.b}", "${a:-x"])
    func `What is none is an error`(_ text: String) {
        #expect(throws: VariableSubstitution.Failure.self) { try VariableSubstitution(text, variables).result() }
    }

    /// Values that multiply in each other, or in a search.
    @Test(arguments: [
        "${v//a/${v}}", "${x:-${v//a/${v}}}", "${v##*a*a*a*b${v}}", String(repeating: "${v}", count: 10_000),
        "${v//a/${v//b/${v}}}", "${v/a/${v//a/${v}}}",
    ])
    func `What grows in itself ends`(_ text: String) {
        let variables = ["v": String(repeating: "a", count: 100_000)]
        #expect(throws: VariableSubstitution.Failure.self) { try VariableSubstitution(text, variables).result() }
    }

    @Test func `All objects of a render have one budget`() throws {
        let budget = VariableSubstitution.Budget(100)
        #expect(try VariableSubstitution("${a}", variables, within: budget).result() == "abcABC")
        #expect(throws: VariableSubstitution.Failure.self) {
            for _ in 0..<20 { _ = try VariableSubstitution("${a}", variables, within: budget).result() }
        }
    }

    @Test func `Expressions in one another end`() {
        let text = String(repeating: "${n:-", count: 10_000) + String(repeating: "}", count: 10_000)
        #expect(throws: VariableSubstitution.Failure.self) { try VariableSubstitution(text, variables).result() }
    }
}
