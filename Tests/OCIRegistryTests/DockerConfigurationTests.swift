import Foundation
import HTTPExchange
import Secrets
import Testing

@testable import OCIRegistry

/// Which credentials `docker login` left for whom.
@Suite struct DockerConfigurationTests {
    private static let file = """
        {
          "auths": {
            "registry.example": {"auth": "\(Data("bot:a:b".utf8).base64EncodedString())"},
            "https://old.example/v1/": {"username": "u", "password": "p"},
            "elsewhere.example/some/path": {"auth": "\(Data("not:this".utf8).base64EncodedString())"},
            "token.example": {"identitytoken": "i"}, "raw.example": {"registrytoken": "r"},
            "https://index.docker.io/v1/": {"auth": "\(Data("hub:secret".utf8).base64EncodedString())"},
            "broken.example": {"auth": "?"}, "empty.example": {}
          },
          "credHelpers": {"helped.example": "ours"},
          "credsStore": "desktop"
        }
        """

    private func told(_ registry: String, _ file: String = Self.file) throws -> String {
        let configuration = try #require(DockerConfiguration(Array(file.utf8)))
        return switch configuration.place(for: registry) {
        case nil: "nothing"
        case .here(.password(let user, let secret))?: "\(user)/\(secret.reveal())"
        case .here(.identityToken(let secret))?: "identity \(secret.reveal())"
        case .here(.registryToken(let secret))?: "raw \(secret.reveal())"
        case .helper(let name, let server)?: "\(name) \(server)"
        }
    }

    @Test(arguments: [
        ("registry.example", "bot/a:b"), ("old.example", "u/p"), ("token.example", "identity i"), ("raw.example", "raw r"),
        ("docker.io", "hub/secret"), ("helped.example", "ours helped.example"),
        // For what is not in the file, the store is asked.
        ("elsewhere.example", "desktop elsewhere.example"), ("broken.example", "desktop broken.example"),
        ("empty.example", "desktop empty.example"), ("registry.example:5000", "desktop registry.example:5000"),
    ])
    func `Each registry has its own, and the store has the rest`(_ registry: String, _ place: String) throws {
        #expect(try told(registry) == place)
    }

    @Test func `Without a store there is nothing for others`() throws {
        #expect(try told("other.example", #"{"auths": {"registry.example": {"auth": "YTpi"}}}"#) == "nothing")
        #expect(try told("other.example", #"{"credsStore": ""}"#) == "nothing")
        #expect(DockerConfiguration(Array("[]".utf8)) == nil)
    }

    @Test(arguments: [
        (#"{"Username": "u", "Secret": "s"}"#, "u/s"), (#"{"Username": "<token>", "Secret": "s"}"#, "identity s"),
        (#"{"Username": "u", "Secret": ""}"#, "nothing"), ("credentials not found", "nothing"), ("", "nothing"),
    ])
    func `A helper's answer is a password, or a token that is exchanged`(_ output: String, _ expected: String) {
        let found =
            switch DockerConfiguration.credential(ofHelper: Array(output.utf8)) {
            case .password(let user, let secret)?: "\(user)/\(secret.reveal())"
            case .identityToken(let secret)?: "identity \(secret.reveal())"
            case .registryToken?: "raw"
            case nil: "nothing"
            }
        #expect(found == expected)
    }
}
