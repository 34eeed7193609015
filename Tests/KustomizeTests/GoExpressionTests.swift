import Testing

@testable import Kustomize

/// Expressions as Go reads them: what they find, what they are refused for, and that none takes long.
@Suite struct GoExpressionTests {
    /// An expression, a text, whether it is found there, and whether it is all of it.
    @Test(arguments: [
        ("", "a", true, false), ("a", "bab", true, false), ("a.c", "abc", true, true), ("a.c", "a\nc", false, false),
        ("(?s)a.c", "a\nc", true, true), ("^a$", "a", true, true), ("^a$", "a\n", false, false),
        ("(?m)^b$", "a\nb\nc", true, false),
        ("a|bc|", "bc", true, true), ("(a|b)*c", "ababc", true, true), ("a{2,3}", "aaaa", true, false),
        ("a{2}", "aa", true, true),
        ("a{,2}", "a{,2}", true, true), ("a{x", "a{x", true, true), ("a{0}", "", true, true), ("[a-c]+", "abcabc", true, true),
        ("[^a-c]", "abc", false, false), ("[]a]+", "]a]", true, true), ("[^]a]", "]", false, false), ("[a-]+", "a-a", true, true),
        (#"[\d_]+"#, "1_2", true, true), (#"[\D]"#, "1", false, false), ("[[:alpha:]]+", "abC", true, true),
        ("[[:^digit:]x]", "5", false, false), (#"\w+\s\W"#, "ab !", true, true), (#"\bfoo\b"#, "a foo b", true, false),
        (#"\bfoo\b"#, "afoo", false, false), (#"\Boo"#, "foo", true, false), (#"\Aa\z"#, "a", true, true),
        (#"\x41\x{1F680}\101"#, "A🚀A", true, true), (#"\Qa.b\E+"#, "a.bbb", true, true), (#"\Qa.b"#, "axb", false, false),
        (#"\pL+\p{Nd}\P{L}\p{^L}"#, "äb1 2", true, true), ("(?i)AbC", "aBc", true, true), ("(?i:a)B", "AB", true, true),
        ("(?i:a)B", "Ab", false, false), ("(?i)a(?-i)b", "Ab", true, true), ("(?i)[a-c]+", "ABC", true, true),
        ("(?i)ä", "Ä", true, true),
        ("(?P<n>a)(?<m>b)", "ab", true, true), ("(?:a)", "a", true, true), ("a*?b", "aab", true, true),
        ("(a?){3}a{3}", "aaa", true, true),
        (".", "ü", true, true), ("e\u{301}", "e\u{301}", true, true), ("é", "e\u{301}", false, false), ("^*a", "a", true, true),
        ("(|a)*b", "aab", true, true), ("()+", "", true, true), ("$", "", true, true), (#"a\.b"#, "axb", false, false),
        ("}", "}", true, true),
        ("]", "]", true, true), (#"\-\/\ "#, "-/ ", true, true), ("x*", "", true, true), ("[a-z0-9.-]+", "a-b.c1", true, true),
    ])
    func `It finds what Go finds`(_ pattern: String, _ text: String, _ isFound: Bool, _ isWhole: Bool) throws {
        let expression = try #require(GoExpression(pattern))
        #expect(expression.isFound(in: text) == isFound)
        #expect(expression.matchesWhole(text) == isWhole)
    }

    @Test(arguments: [
        "(", ")", "a)", "[a", "[z-a]", "*", "+a", "(*a)", "a|*", "a**", "a+*", "a??*", "a{2}*", "a{1001}", "a{3,2}", #"\"#,
        #"\y"#, #"\1"#,
        #"\Z"#, #"\C"#, #"\x4"#, #"\x{}"#, #"\p{Nope}"#, #"\pX"#, "[[:nope:]]", "(?=a)", "(?!a)", "(?<=a)", "(?>a)", "(?#a)",
        "(?)", "(?i", "(?-)",
        "(?P<n>a)(?P<n>b)", "(?P<>a)", "(?P<a-b>c)", #"[\d-\y]"#, #"[a-\d]"#, "((a{100}){100}){100}",
    ])
    func `What is no expression in Go is none`(_ pattern: String) {
        #expect(GoExpression(pattern) == nil)
    }

    @Test(arguments: ["(a*)*b", "(a|a)*b", "(a|aa)+$", "(.*)*x", "((a?){30}){30}b", "(a*?)*?b"])
    func `No expression tries all ways there are`(_ pattern: String) throws {
        let expression = try #require(GoExpression(pattern))
        #expect(!expression.matchesWhole(String(repeating: "a", count: 2_000) + "!"))
    }

    @Test func `An expression nested without end is none`() {
        #expect(GoExpression(String(repeating: "(", count: 100_000) + String(repeating: ")", count: 100_000)) == nil)
    }
}
