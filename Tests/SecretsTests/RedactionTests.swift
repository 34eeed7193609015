import Foundation
import GitOpsTypes
import Secrets
import Testing

/// What was given to us in confidence does not come out again in somebody else's words.
@Suite struct RedactionTests {
    @Test func `A secret is hidden as it is, as a part of an address, as JSON writes it, and as basic authentication sends it`()
        throws
    {
        let secret = try #require(Secret(#"s3cret/with "odd"+signs"#))
        let basic = Secret.basic(user: "bot", password: secret)
        for form in [
            secret.reveal(), "s3cret%2Fwith%20%22odd%22%2Bsigns", #"s3cret/with \"odd\"+signs"#, #"s3cret\/with \"odd\"+signs"#,
            basic.reveal(), "s3cret%2fwith%20%22odd%22%2bsigns",
        ] {
            #expect(Redaction.hide(in: "it said: \(form), twice \(form)") == "it said: ***, twice ***")
            #expect(Redaction.hide(inOwnWords: form) == "***")
            #expect(Redaction.hide(inBody: Array("<\(form)>".utf8)) == Array("<***>".utf8))
        }
        #expect("\(secret) \(basic)" == "*** ***")
        #expect(Data(base64Encoded: basic.reveal()) == Data(#"bot:s3cret/with "odd"+signs"#.utf8))
    }

    @Test func `Of two secrets the longer one is hidden whole`() {
        _ = (Secret("longsecret"), Secret("longsecret-and-more"))
        #expect(Redaction.hide(in: "longsecret-and-more longsecret") == "*** ***")
    }

    @Test func `A short secret is hidden in others' words, and our own stay readable`() {
        // A word that no other test says: what is secret is so for the whole process, and tests share one.
        _ = Secret("orchid")
        #expect(Redaction.hide(in: "no such user: orchid") == "no such user: ***")
        #expect(Redaction.hide(inOwnWords: "promoted into orchid") == "promoted into orchid")
        #expect(Redaction.hide(inBody: Array(#"{"ref":"orchid"}"#.utf8)) == Array(#"{"ref":"orchid"}"#.utf8))
        _ = Secret("x")
        #expect(Redaction.hide(in: "an exit") == "an exit")
    }

    @Test func `What is secret in one place only is hidden there`() {
        #expect(Redaction.hide(in: "no: to/ken-of-one-place", and: ["to/ken-of-one-place"]) == "no: ***")
        #expect(Redaction.hide(in: "no: to%2Fken-of-one-place", and: ["to/ken-of-one-place"]) == "no: ***")
        #expect(Redaction.hide(in: "no: to/ken-of-one-place") == "no: to/ken-of-one-place")
    }

    @Test func `Nothing is no secret`() {
        #expect(Secret("") == nil && Secret(nil) == nil)
    }

    @Test(arguments: [
        ("https://user:pass@host/a.git", "https://host/a.git"), ("https://ghp_token@github.com/a", "https://github.com/a"),
        ("ssh://git@host/a", "ssh://git@host/a"), ("ssh://git:pass@host/a", "ssh://git@host/a"),
        ("git+https://a:b@host:8443/x?y#z", "git+https://host:8443/x?y#z"), ("http://a:p@ss@host/", "http://host/"),
        ("two: http://a:b@one http://c:d@two", "two: http://one http://two"), ("https://host/a@b:c", "https://host/a@b:c"),
        ("'http://a:b@host'", "'http://host'"), ("git@host:a/b", "git@host:a/b"), ("a://", "a://"), ("", ""),
    ])
    func `What opens an address is not told with it`(_ text: String, _ told: String) {
        #expect(text.withoutUserInformation == told)
        #expect(Redaction.hide(in: text) == told)
    }

    @Test func `What opens an address of ours is hidden without the address, too`() {
        Redaction.rememberUserInformation(in: "remote.origin.url=https://bot:p%40ssw0rd@host/a.git")
        Redaction.rememberUserInformation(
            in: "https://ghp_0123456789abcdef:x-oauth-basic@host, https://someone@host, ssh://deploy@host")
        #expect(Redaction.hide(in: "deploy ghp_0123456789abcdef x-oauth-basic someone") == "deploy *** *** someone")
        Redaction.rememberHeader("Authorization: Basic Ym90OmhpZGRlbi1oZXJl")
        #expect(Redaction.hide(in: "no: p@ssw0rd, p%40ssw0rd, Ym90OmhpZGRlbi1oZXJl") == "no: ***, ***, ***")
        #expect(Redaction.hide(in: Data("bot:p@ssw0rd".utf8).base64EncodedString()) == "***")
        // What the header says to the server, in the server's words.
        #expect(Redaction.hide(in: "bot: hidden-here") == "bot: ***")
    }
}
