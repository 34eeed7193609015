import ArgumentParser
import FaultInjection
import Foundation
import PromoteComposition
import PromoteReports
import PromotionEngine
import PromotionProjection

/// A command that asks the engine and prints an answer.
protocol EngineCommand: AsyncParsableCommand {
    var global: GlobalOptions { get }

    /// Parses into a request, calls the engine, and answers with its report.
    func answer(_ engine: PromotionEngine, _ terminal: Terminal) async throws -> Answer
}

extension EngineCommand {
    func run() async throws { try await EngineRun(global: global, answer: answer).run() }
}

/// What a command does with an engine: asks it, prints the answer, and ends with its exit status.
struct EngineRun {
    let global: GlobalOptions
    let answer: (PromotionEngine, Terminal) async throws -> Answer

    func run() async throws {
        let terminal = Terminal.current()
        var options = CompositionOptions(
            directory: global.directory, remote: global.remote, isOffline: global.offline, runsGates: global.runGates)
        options.fetchesBases = global.fetchBases
        options.notice = { terminal.narrate("note: \($0)") }
        if let line = WaitingLine(terminal) { options.waiting = { line.change(to: $0) } }
        do {
            try await run(options, terminal)
        } catch let error as StateStoreError {
            try await run(options, terminal, after: error)
        }
    }

    /// Runs the command again, which does what is left of it: with a store made anew, or with one in memory where there is no
    /// writing to the file.
    private func run(_ options: CompositionOptions, _ terminal: Terminal, after error: StateStoreError) async throws {
        var options = options
        if error.isDamaged {
            do {
                try await Composition.discardStore(options)
                terminal.narrate("note: the state store is read anew from the ledger: it is damaged")
                return try await run(options, terminal)
            } catch let error as StateStoreError {
                options.storeProblem = error.detail
            } catch let error as CocoaError {
                options.storeProblem = error.localizedDescription
            }
        } else {
            options.storeProblem = error.detail
        }
        try await run(options, terminal)
    }

    private func run(_ options: CompositionOptions, _ terminal: Terminal) async throws {
        let (engine, opening) = try await Composition.engine(options)
        switch opening {
        case .existing, .created: break
        case .rebuilt(let reason): terminal.narrate("note: the state store is read anew from the ledger: \(reason)")
        case .inMemory(let reason): terminal.narrate("note: the state store is kept in memory this time: \(reason)")
        }
        let answer = try await self.answer(engine, terminal)
        for notice in answer.notices { terminal.narrate("note: \(notice)") }
        engine.reach(.answering)
        let delivery = try terminal.answer(answer, asJSON: global.json)
        engine.reach(.answered)
        try ReportedFailure.check(answer.status)
        switch delivery {
        case .written: break
        case .unwanted: throw ReportedFailure(status: .unread)
        case .failed: throw ReportedFailure(status: .unavailable)
        }
    }
}

/// What is wrong is told already; only the exit status is left to give.
struct ReportedFailure: Error {
    let status: ExitStatus

    /// - Throws: itself, unless the status is success.
    static func check(_ status: ExitStatus) throws {
        if status != .success { throw ReportedFailure(status: status) }
    }
}
