import PromoteReports
import PromoteTestSupport
import Testing

/// What every kind of error is told as, in both forms, with its exit status.
@Suite struct DiagnosisTests {
    @Test(arguments: ErrorSample.all)
    func `An error is told to the byte as it was agreed upon`(_ sample: ErrorSample) throws {
        try Golden.expect(try sample.printed(), is: sample.name)
    }

    @Test(arguments: ErrorSample.all)
    func `An error is as docs schemas say`(_ sample: ErrorSample) throws {
        #expect(JSONSchemas.documented.fault(of: try Diagnosis(sample.error).jsonText(), to: ["merge", "web-3"]) == nil)
    }

    @Test func `Statuses are those of docs commands`() {
        let statuses: [PromoteReports.ExitStatus] = [
            .success, .differences, .usage, .badInput, .unavailable, .defect, .tryAgain, .refused,
        ]
        #expect(statuses.map(\.code) == [0, 2, 64, 65, 69, 70, 75, 77])
        #expect(PromoteReports.ExitStatus.unread.code == 70)
    }
}
