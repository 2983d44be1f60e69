<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Vo;

use CrowdSky\Tables\VoXml;
use PHPUnit\Framework\TestCase;

final class VoXmlTest extends TestCase
{
    public function testTextsAreEscapedAndWhatXmlCannotWriteIsLeftOut(): void
    {
        self::assertSame('&lt;&amp;&quot;&apos;ä', VoXml::text("<&\"'\x01\x0Bä\u{FFFE}"));
        self::assertSame('a?b', VoXml::text("a\xFFb"));
    }

    public function testNumbersKeepTheirDigitsAndUnknownValuesAreEmpty(): void
    {
        self::assertSame('<TD>192.72000000000003</TD>', VoXml::cell(192.72000000000003));
        self::assertSame('<TD>1.0e-12</TD>', VoXml::cell(1e-12));
        self::assertSame('<TD>NaN</TD>', VoXml::cell(INF));
        self::assertSame('<TD>true</TD>', VoXml::cell(true));
        self::assertSame('<TD/>', VoXml::cell(null));
    }
}
