import ForgeServer
import Foundation
import PromoteTestSupport
import Testing
import YAMLEditing

/// The recipes of ci/, run to their end by what stands in them, from shallow and detached clones.
@Suite struct CIRecipeTests {
    private static let image = "registry.example/web:v1@\(Playground.digest("1"))"

    private func workflow(_ name: String) throws -> YAMLNode {
        try #require(try RecipeFile("github/workflows/\(name).yml").documents.first)
    }

    private func runner(_ name: String, _ hosted: Hosted, _ context: [String: String] = [:]) throws -> WorkflowRunner {
        let machine = try CIMachine(
            name, in: hosted.playground,
            [
                "GITHUB_ACTIONS": "true", "GITHUB_API_URL": hosted.server.api, "GITHUB_REPOSITORY": Hosted.repository,
                "GITHUB_SHA": String(repeating: "a", count: 40), "GITHUB_RUN_ID": "7",
            ])
        let common = [
            "app-token": Hosted.token(of: "ci"), "secrets.PROMOTE_SIGNING_KEY": try machine.signingKey(of: "ci"),
            "github.event.repository.default_branch": "main",
        ]
        return WorkflowRunner(machine, common.merging(context) { $1 })
    }

    /// The repository has scripts that build and test, so that the workflow runs as it stands.
    private func hosted(_ kind: ForgeServer.Kind = .github, tests: String = "exit 0") throws -> Hosted {
        try Hosted(kind) { seed in
            for (name, text) in [("build-and-push", "echo \"image=\(Self.image)\" >> \"$GITHUB_OUTPUT\""), ("test-in", tests)] {
                let file = seed.appending(path: "ci/\(name)")
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
            }
        }
    }

    @Test(arguments: [("exit 0", "verified", "success"), ("exit 1", "failed", "failure")])
    func `GitHub: a build is registered, promoted, tested and verified, and Deployments tell it`(
        _ tests: String, _ state: String, _ told: String
    ) throws {
        let hosted = try hosted(tests: tests)
        var runner = try runner("release", hosted)
        for job in ["build", "deploy", "test", "verify"] {
            try runner.run(job: job, of: try workflow("register"))
            #expect(runner.failedStep == nil, "\(runner.log)")
        }
        let release = try #require(runner.context["needs.deploy.outputs.release"])
        #expect(release.hasPrefix("web-"))
        let status = try hosted.person("alice").ask("status")
        #expect(status.text("applications", 0, "environments", 0, "release") == release)
        #expect(status.text("applications", 0, "environments", 0, "state") == state)
        #expect(runner.machine.text(of: "summary.md").hasPrefix("### \(release) is registered\n"))
        #expect(runner.machine.text(of: "summary.md").contains("### web-1 is merged"))

        // All was done, and the answer lost: it is looked for, and not told twice.
        hosted.server.fail(ForgeServer.Fault("POST", "/deployments", .dropAfter))
        for _ in 0..<2 {
            try runner.run(job: "reconcile", of: try workflow("reconcile"))
            #expect(runner.failedStep == nil, "\(runner.log)")
        }
        let deployment = try #require(hosted.server.deployments.first)
        #expect(hosted.server.deployments.count == 1)
        #expect(deployment.environment == "dev")
        #expect(deployment.states == [told])
        #expect(deployment.description.hasPrefix("\(release): v1 \(Playground.digest("1"))"))
        #expect(deployment.link == "https://forge.example/\(Hosted.repository)/pull/1")
        #expect(hosted.server.violations == [])
        #expect(try runner.machine.traces(ofSecretsIn: runner.log) == [])
    }

    @Test func `GitHub: a change that is not permitted fails, with annotations where it stands and a summary that says it first`()
        throws
    {
        let hosted = try hosted()
        let alice = try hosted.person("alice")
        let file = alice.directory + "/environments/environments.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try Data(text.replacing("required: 2", with: "requird: 2").utf8).write(to: URL(filePath: file))
        let overlay = alice.directory + "/overlays/prod/kustomization.yaml"
        let broken = try String(contentsOfFile: overlay, encoding: .utf8) + "::add-mask::a: [\n"
        try Data(broken.utf8).write(to: URL(filePath: overlay))
        try alice.git.succeed("commit", "-qam", "a change")
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/change")
        let number = try #require(hosted.server.open(from: "change", into: "main", as: "alice"))
        let line = try #require(
            text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("required: 2") })

        var runner = try runner("gate", hosted, ["github.event.pull_request.number": "\(number)"])
        try runner.run(job: "gate", of: try workflow("gate"))
        #expect(runner.failedStep?.status == 77, "\(runner.log)")
        #expect(
            runner.log.contains(
                "::error file=environments/environments.yaml,line=\(line + 1),col=5,title=promote%3A policy-from-target::"),
            "\(runner.log)")
        #expect(runner.log.contains("::error file=overlays/prod/kustomization.yaml,line="))
        #expect(
            runner.machine.text(of: "summary.md").hasPrefix("### promote: refused\n"), "\(runner.machine.text(of: "summary.md"))")
        #expect(runner.machine.text(of: "output").contains("verdict=fail\n"))
        let head = try alice.git.succeed("rev-parse", "HEAD")
        #expect(hosted.server.statuses(of: head) == ["promote/gate failure"])
        // What the change says is between lines that stop commands.
        let parts = runner.log.components(separatedBy: "::stop-commands::")
        let token = try #require(parts.last?.prefix { $0 != "\n" })
        #expect(parts.last?.contains("\n::\(token)::\n") == true)
        #expect(try runner.machine.traces(ofSecretsIn: runner.log) == [])
    }

    @Test func `A release that is not named is not verified`() throws {
        let machine = try CIMachine("verify", in: try Playground())
        try machine.checkOut()
        let refused = try machine.start(
            "promote-ci verify", ["PROMOTE_ENVIRONMENT": "dev", "PROMOTE_RESULT": "passed", "PROMOTE_ACTOR": "ci@example.org"]
        ).finish()
        #expect(refused.status == 64)
        #expect(refused.output.contains("which release was tested is not said"))
    }

    @Test func `Four jobs that register and promote the same build at once come to one promotion`() throws {
        let playground = try Playground()
        let machines = try (0..<4).map { number in
            try CIMachine("race-\(number)", in: playground, ["GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/web"])
        }
        for machine in machines { try machine.checkOut() }
        let running = try machines.map { machine in
            try machine.start(
                "promote-ci register && promote-ci promote",
                [
                    "PROMOTE_IMAGES": Self.image, "PROMOTE_FROM": "build", "PROMOTE_TO": "dev", "PROMOTE_MERGE": "true",
                    "PROMOTE_ACTOR": "ci@example.org", "PROMOTE_SIGNING_KEY": try machine.signingKey(of: "ci"),
                    "GITHUB_OUTPUT": machine.folder + "/output",
                ])
        }
        let results = running.map { $0.finish() }
        for (machine, result) in zip(machines, results) {
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(machine.text(of: "output").contains("promotion=web-1\nstate=merged\n"))
            #expect(try machine.traces(ofSecretsIn: result.output + result.errors) == [])
        }
        let events = try playground.person("alice").ask("history")["events"] as? [[String: Any]] ?? []
        for (type, count) in [("ReleaseRegistered", 1), ("PromotionRequested", 1), ("PromotionMerged", 1)] {
            #expect(events.count { $0["type"] as? String == type } == count, "\(type)")
        }
    }
}
