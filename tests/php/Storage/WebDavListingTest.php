<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Storage;

use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Storage\WebDavEntry;
use CrowdSky\Storage\WebDavListing;
use PHPUnit\Framework\TestCase;

/** Listings as servers of several makes write them. */
final class WebDavListingTest extends TestCase
{
    public function testAListingOfASabreServer(): void
    {
        $entries = $this->read(<<<'XML'
            <?xml version="1.0"?>
            <d:multistatus xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns">
             <d:response><d:href>/public.php/webdav/a%20b/</d:href>
              <d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype>
               <d:getlastmodified>Fri, 02 Jan 2026 03:04:05 GMT</d:getlastmodified></d:prop>
               <d:status>HTTP/1.1 200 OK</d:status></d:propstat>
              <d:propstat><d:prop><d:getcontentlength/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>
             </d:response>
             <d:response><d:href>/public.php/webdav/a%20b/x%2By.fits</d:href>
              <d:propstat><d:prop><d:resourcetype/><d:getcontentlength>123</d:getcontentlength>
               <oc:size>9</oc:size><d:getlastmodified>Fri, 02 Jan 2026 03:04:05 GMT</d:getlastmodified></d:prop>
               <d:status>HTTP/1.1 200 OK</d:status></d:propstat>
             </d:response>
            </d:multistatus>
            XML);

        self::assertEquals([
            new WebDavEntry('/public.php/webdav/a%20b/', true, null, 1_767_323_045),
            new WebDavEntry('/public.php/webdav/a%20b/x%2By.fits', false, 123, 1_767_323_045),
        ], $entries);
    }

    public function testADefaultNamespaceAndAnotherOrderAreFine(): void
    {
        $entries = $this->read(
            '<multistatus xmlns="DAV:"><response><propstat><status>HTTP/2 200</status><prop><getcontentlength> 5 </getcontentlength>'
            . '<owner><href>/me</href></owner></prop></propstat><href><![CDATA[http://h/dav/&x]]></href></response></multistatus>',
        );

        self::assertCount(1, $entries);
        self::assertSame(5, $entries[0]->size);
        self::assertNull($entries[0]->modifiedAt);
    }

    public function testValuesThatMakeNoSenseAreUnknown(): void
    {
        $entries = $this->read(
            '<D:multistatus xmlns:D="DAV:"><D:response><D:href>/x</D:href><D:propstat><D:prop><D:getcontentlength>-1</D:getcontentlength>'
            . '<D:getlastmodified>soon</D:getlastmodified></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>',
        );

        self::assertEquals([new WebDavEntry('/x', false, null, null)], $entries);
    }

    /** @dataProvider brokenListings */
    public function testWhatIsNoWholeListingIsAnError(string $xml): void
    {
        $this->expectException(StorageUnavailable::class);
        $this->read($xml);
    }

    /** @return iterable<string, array{string}> */
    public static function brokenListings(): iterable
    {
        yield 'nothing' => [''];
        yield 'page' => ['<!doctype html><html><body>Sign in</body></html>'];
        yield 'other XML' => ['<feed xmlns="http://www.w3.org/2005/Atom"/>'];
        yield 'cut off' => ['<multistatus xmlns="DAV:"><response><href>/x</href></response>'];
        yield 'entities' => ['<!DOCTYPE m [<!ENTITY a "aaaa">]><multistatus xmlns="DAV:"><response><href>&a;</href></response></multistatus>'];
    }

    /** @dataProvider addresses */
    public function testOnlyPathsBelowTheShareCount(string $href, string $share, ?string $path): void
    {
        self::assertSame($path, (new WebDavEntry($href, false, null, null))->path($share));
    }

    /** @return iterable<array{string, string, ?string}> */
    public static function addresses(): iterable
    {
        yield ['/dav/a/b%2Bc.fits', '/dav', '/a/b+c.fits'];
        yield ['https://h:8443/dav/a/', '/dav', '/a'];
        yield ['/dav/', '/dav', ''];
        yield ['/a', '', '/a'];
        yield ['/davos/a', '/dav', null];
        yield ['https://h', '/dav', null];
        yield ['/my%20share/a', '/my share', '/a'];
    }

    /** @return list<WebDavEntry> */
    private function read(string $xml): array
    {
        $file = (string) tempnam(sys_get_temp_dir(), 'xml');
        file_put_contents($file, $xml);
        try {
            return iterator_to_array(WebDavListing::read($file), false);
        } finally {
            unlink($file);
        }
    }
}
