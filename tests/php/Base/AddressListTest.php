<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Base;

use CrowdSky\Base\AddressList;
use PHPUnit\Framework\TestCase;

final class AddressListTest extends TestCase
{
    public function testNetworksHoldTheirAddressesAndNoOthers(): void
    {
        $list = AddressList::parse('192.0.2.7, 10.1.0.0/20,2001:db8::/33');

        foreach (['192.0.2.7', '::ffff:192.0.2.7', '10.1.15.255', '2001:db8:7fff::1'] as $inside) {
            self::assertTrue($list->contains($inside), $inside);
        }
        foreach (['192.0.2.8', '10.1.16.0', '2001:db8:8000::', '::', '', 'unix:', '192.0.2.7:80'] as $outside) {
            self::assertFalse($list->contains($outside), $outside);
        }
        self::assertFalse(AddressList::parse('')->contains('127.0.0.1'));
        self::assertTrue(AddressList::parse('0.0.0.0/0')->contains('127.0.0.1'));
    }

    /** @dataProvider nonsense */
    public function testNamesWhatIsNoAddress(string $text): void
    {
        $this->expectExceptionMessage("'$text' is no address or network");

        AddressList::parse("127.0.0.1,$text");
    }

    /** @return iterable<array{string}> */
    public static function nonsense(): iterable
    {
        yield ['proxy.example.org'];
        yield ['10.0.0.0/33'];
        yield ['10.0.0.0/'];
        yield ['10.0.0.0/-1'];
        yield ['1.2.3'];
        yield ['fe80::1%eth0'];
    }

    public function testPortsAndBracketsAreTakenOff(): void
    {
        self::assertSame('192.0.2.7', AddressList::plain(' 192.0.2.7:4711'));
        self::assertSame('2001:db8::1', AddressList::plain('[2001:0DB8::1]:443'));
        self::assertSame('2001:db8::1', AddressList::plain('2001:db8::1'));
        self::assertNull(AddressList::plain('unknown'));
    }
}
