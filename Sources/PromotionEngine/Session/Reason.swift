import PromotionDomain

/// - Throws: `EngineError.usage` where a text is no reason that may stand in the ledger.
func requireReason(_ reason: String) throws(EngineError) {
    guard EventAdmission.isReason(reason) else {
        throw .usage("a reason is a sentence of up to 1,000 bytes; it stays in the ledger", hint: nil)
    }
}
