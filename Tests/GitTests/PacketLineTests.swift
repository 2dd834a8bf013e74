import Git
import TestSupport
import Testing

@Suite struct PacketLineTests {
    @Test(
        "A packet is its length in four hexadecimal digits and its bytes",
        arguments: [
            (Packet.flush, "0000"), (.delimiter, "0001"), (.responseEnd, "0002"), (.line("a"), "0006a\n"), (.data([]), "0004"),
            (.line("command=ls-refs"), "0014command=ls-refs\n"),
        ]
    )
    func encoding(packet: Packet, text: String) throws {
        #expect(String(decoding: packet.encoded, as: UTF8.self) == text)
        var reader = PacketReader()
        reader.append(packet.encoded)
        #expect(try reader.next() == packet)
        #expect(try reader.next() == nil)
        #expect(!reader.isInsidePacket)
    }

    @Test("Packets come out whole, whatever the pieces they arrive in", arguments: [1, 2, 3, 7, 1_000])
    func pieces(size: Int) throws {
        let packets: [Packet] = [.line("one"), .delimiter, .data(Array(repeating: 7, count: 65_516)), .data([0, 255]), .flush]
        let bytes = packets.flatMap(\.encoded)
        var reader = PacketReader()
        var read: [Packet] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            reader.append(bytes[start..<min(start + size, bytes.count)])
            while let packet = try reader.next() { read.append(packet) }
        }
        #expect(read == packets)
    }

    @Test("A wrong length is refused", arguments: ["0003", "fff1", "ffff", "00g0", "    ", "PK\u{3}\u{4}", "-001", "+001"])
    func wrong(text: String) {
        var reader = PacketReader()
        reader.append(text.utf8)
        let error = #expect(throws: GitError.self) { try reader.next() }
        #expect(error?.failureClass == .protocol)
    }

    @Test func theNumberOfPacketsHasALimit() throws {
        var reader = PacketReader(maximumCount: 2)
        reader.append("000000000000".utf8)
        #expect(try reader.next() == .flush)
        #expect(try reader.next() == .flush)
        #expect(throws: GitError.self) { try reader.next() }
    }

    @Test func anyBytesAreReadOrRefused() {
        let seed = UInt64.random(in: 0 ... .max)
        var fuzzer = Fuzzer(seed: seed)
        let valid = [Packet.line("version 2"), .delimiter, .line("fetch=shallow"), .flush].flatMap(\.encoded)
        for round in 0..<5_000 {
            var reader = PacketReader()
            reader.append(fuzzer.mutate(valid, tokens: ["0000", "0001", "fff0", "0004"]))
            var count = 0
            while (try? reader.next()) != nil { count += 1 }
            #expect(count < 100, "seed \(seed), round \(round)")
        }
    }
}
