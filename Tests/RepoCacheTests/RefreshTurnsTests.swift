import Basics
import Testing

@testable import RepoCache

@Suite struct RefreshTurnsTests {
    @Test func whoeverComesDuringAQuestionSharesTheNext() {
        var turns = RefreshTurns()
        let first = turns.join(Wish(branches: ["dev"]))
        #expect(first.start?.wish.branches == ["dev"])
        let second = turns.join(Wish(branches: ["prod"]))
        let third = turns.join(Wish(branches: ["dev"]))
        #expect(second.start == nil && third.start == nil)
        #expect(second.id == third.id && second.id != first.id)

        let next = turns.landed()
        #expect(next?.id == second.id)
        #expect(next?.wish.branches == ["dev", "prod"])
        let fourth = turns.join(Wish())
        #expect(fourth.start == nil && fourth.id != second.id)
        #expect(turns.landed()?.id == fourth.id)
        #expect(turns.landed() == nil)
        #expect(turns.join(Wish()).start != nil)
    }
}
