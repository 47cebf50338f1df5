import Testing

@testable import FastCGI

struct LoopLoadTests {
    @Test func aLoopRetiresOnlyWhileNothingIsOnItsWay() {
        let load = LoopLoad()
        #expect(load.count == 0)
        #expect(load.add() && load.add() && load.count == 2)
        #expect(!load.retireIfIdle())
        load.remove()
        #expect(!load.retireIfIdle() && load.add())
        load.remove()
        load.remove()
        #expect(load.retireIfIdle() && load.retireIfIdle())
        #expect(!load.add() && !load.add() && load.count < 0)
    }

    @Test func aLoopThatIsGivenUpTakesNoMore() {
        let load = LoopLoad()
        #expect(load.add())
        load.retire()
        load.remove()
        #expect(!load.add() && load.count < 0 && load.retireIfIdle())
    }
}
