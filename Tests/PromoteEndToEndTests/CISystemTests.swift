import ForgeServer
import Foundation
import PromoteTestSupport
import Testing
import YAMLEditing

/// GitLab's component and Jenkins's shared step, by the scripts that stand in them.
@Suite struct CISystemTests {
    private static let image = "registry.example/web:v1@\(Playground.digest("1"))"

    /// A job of the component as GitLab makes it of the inputs, with the reports of the jobs that it needs.
    private func job(
        _ command: String, _ inputs: [String: String] = [:], on machine: CIMachine, reports: [String: String] = [:]
    ) throws -> ToolResult {
        let documents = try RecipeFile("gitlab/templates/promote.yml").documents
        try #require(documents.count == 2)
        var values: [String: String] = [:]
        for entry in documents[0]["spec"]?["inputs"]?.mapping ?? [] {
            values[entry.key.scalar?.text ?? ""] = entry.value["default"]?.scalar?.text
        }
        for (input, value) in inputs.merging(["command": command], uniquingKeysWith: { $1 }) {
            #expect(documents[0]["spec"]?["inputs"]?[input] != nil, "there is no input \(input)")
            values[input] = value
        }
        func interpolated(_ text: String) -> String {
            values.reduce(text) { $0.replacing("$[[ inputs.\($1.key) ]]", with: $1.value) }
        }
        let job = try #require(documents[1].mapping?.first?.value)
        let variables = (job["variables"]?.texts ?? [:]).mapValues(interpolated)
        let script = (job["script"]?.sequence ?? []).compactMap { $0.scalar?.text }.map(interpolated).joined(separator: "\n")
        try? FileManager.default.removeItem(atPath: machine.folder + "/work")
        try machine.checkOut()
        // Variables of reports come before those of the job.
        return try machine.start(script, variables.merging(reports) { $1 }).finish()
    }

    private func reports(of machine: CIMachine) -> [String: String] {
        var result: [String: String] = [:]
        for line in machine.text(of: "work/promote.env").split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1).map(String.init)
            if pair.count == 2 { result[pair[0]] = pair[1] }
        }
        return result
    }

    @Test func `GitLab: a build is registered, promoted and verified, and deployments tell it`() throws {
        let hosted = try Hosted(.gitlab)
        var variables = [
            "GITLAB_CI": "true", "CI_API_V4_URL": hosted.server.api, "CI_PROJECT_ID": Hosted.repository,
            "CI_COMMIT_SHA": String(repeating: "a", count: 40), "CI_JOB_URL": "https://gitlab.example/acme/config/-/jobs/7",
            "GITLAB_TOKEN": Hosted.token(of: "ci"),
        ]
        let key = try String(contentsOf: hosted.playground.scratch.url.appending(component: "key-ci"), encoding: .utf8)
        variables["PROMOTE_SIGNING_KEY"] = Data(key.utf8).base64EncodedString()
        let machine = try CIMachine("gitlab", in: hosted.playground, variables)
        var log = ""
        var release = ""
        for (command, inputs) in [
            ("register", ["images": Self.image]), ("promote", ["from": "build", "to": "dev", "merge": "true"]),
            ("verify", ["environment": "dev", "result": "passed"]), ("reconcile", [:]), ("reconcile", [:]),
        ] {
            let reports = release.isEmpty ? [:] : ["PROMOTE_RELEASE": release]
            let actor = inputs.merging(["actor": "ci@example.org"]) { $1 }
            let result = try job(command, actor, on: machine, reports: reports)
            #expect(result.status == 0, "\(command): \(result.output)\(result.errors)")
            log += result.output + result.errors
            if command == "register" { release = self.reports(of: machine)["PROMOTE_RELEASE"] ?? "" }
            if command == "promote" { #expect(self.reports(of: machine)["PROMOTE_STATE"] == "merged") }
            #expect(machine.text(of: "work/promote.md").hasPrefix("### "))
        }
        #expect(release.hasPrefix("web-"))
        let deployment = try #require(hosted.server.deployments.first)
        #expect(hosted.server.deployments.count == 1)
        #expect(deployment.environment == "dev")
        #expect(deployment.states == ["running", "success"])
        #expect(
            deployment.description
                == "\(release): v1 \(Playground.digest("1")) https://forge.example/\(Hosted.repository)/-/merge_requests/1")
        #expect(hosted.server.violations == [])
        #expect(try machine.traces(ofSecretsIn: log) == [])
    }

    /// Branches that are not protected see no token.
    @Test(arguments: [true, false])
    func `GitLab: a merge request that is not permitted fails, with the place in the code quality report`(_ hasToken: Bool) throws
    {
        let hosted = try Hosted(.gitlab)
        let alice = try hosted.person("alice")
        let file = alice.directory + "/environments/environments.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8).replacing("required: 2", with: "requird: 2")
        try Data(text.utf8).write(to: URL(filePath: file))
        try alice.git.succeed("commit", "-qam", "a change")
        try alice.git.succeed("push", "-q", "origin", "HEAD:refs/heads/change")
        let number = try #require(hosted.server.open(from: "change", into: "main", as: "alice"))
        var variables = [
            "GITLAB_CI": "true", "CI_MERGE_REQUEST_IID": "\(number)", "CI_COMMIT_SHA": try alice.git.succeed("rev-parse", "HEAD"),
        ]
        if hasToken { variables["GITLAB_TOKEN"] = Hosted.token(of: "ci") }
        let machine = try CIMachine("gitlab", in: hosted.playground, variables)
        let result = try job("gate", on: machine)
        #expect(result.status == 77, "\(result.output)\(result.errors)")
        #expect(reports(of: machine)["PROMOTE_VERDICT"] == "fail")
        let report = try JSON(parsing: Array(machine.text(of: "work/gl-code-quality-report.json").utf8))
        #expect(report.list?.first?["location"]?["path"] == "environments/environments.yaml")
        #expect(report.list?.first?["location"]?["lines"]?["begin"]?.integer ?? 0 > 1)
        #expect(hosted.server.violations == [])
    }

    /// The script of the shared step, which is all that it runs.
    private func sharedStep() throws -> String {
        let text = try String(contentsOf: CIMachine.recipes.appending(path: "jenkins/vars/promoteCI.groovy"), encoding: .utf8)
        let scripts = text.matches(of: /\bsh '([^'\n]+)'/).map { String($0.output.1) }
        try #require(scripts.count == 1 && text.matches(of: /\bsh\b\s*['"(]/).count == 1)
        return scripts[0]
    }

    /// The calls of the shared step in the Jenkinsfile, in their order, with their options as they are written.
    private func calls() throws -> [(command: String, options: [String: String])] {
        let text = try String(contentsOf: CIMachine.recipes.appending(path: "jenkins/Jenkinsfile"), encoding: .utf8)
        return text.matches(of: /promoteCI\(\s*'(\w+)'([^)]*)\)/).map { call in
            var options: [String: String] = [:]
            for option in call.output.2.matches(of: /(\w+): ('[^']*'|status == 0 \? 'passed' : 'failed'|[\w.]+)/) {
                options[String(option.output.1)] = String(option.output.2)
            }
            return (String(call.output.1), options)
        }
    }

    @Test func `Jenkins: the pipeline's calls register, promote, verify and reconcile a build`() throws {
        let hosted = try Hosted(.github)
        let machine = try CIMachine(
            "jenkins", in: hosted.playground,
            [
                "JENKINS_URL": "https://jenkins.example/", "BUILD_URL": "https://jenkins.example/job/config/7/",
                "PROMOTE_TOKEN": Hosted.token(of: "ci"),
            ])
        try machine.checkOut()
        let known = [
            "actor": "ci@example.org", "params.IMAGES": Self.image, "params.COMMIT": String(repeating: "a", count: 40),
            "true": "true", "status == 0 ? 'passed' : 'failed'": "passed",
        ]
        var (release, log, commands) = ("", "", [String]())
        for (command, options) in try calls() where command != "gate" {
            var variables = ["PROMOTE_COMMAND": command]
            variables["PROMOTE_SIGNING_KEY_FILE"] = hosted.playground.scratch.path + "/key-ci"
            for (option, value) in options {
                let isLiteral = value.hasPrefix("'") && known[value] == nil
                let resolved = isLiteral ? String(value.dropFirst().dropLast()) : value == "release" ? release : known[value]
                let text: String = try #require(resolved, "\(command) has \(option): \(value)")
                variables["PROMOTE_" + option.uppercased()] = text
            }
            let result = try machine.start(try sharedStep(), variables).finish()
            #expect(result.status == 0, "\(command): \(result.output)\(result.errors)")
            if command == "register" { release = reports(of: machine)["PROMOTE_RELEASE"] ?? "" }
            log += result.output + result.errors
            commands.append(command)
        }
        #expect(commands == ["register", "promote", "verify", "reconcile"])
        let status = try hosted.person("alice").ask("status")
        #expect(status.text("applications", 0, "environments", 0, "release") == release)
        #expect(status.text("applications", 0, "environments", 0, "state") == "verified")
        #expect(try machine.traces(ofSecretsIn: log) == [])
    }
}
