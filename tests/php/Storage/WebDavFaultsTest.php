<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Storage;

use CrowdSky\Storage\SpooledFile;
use CrowdSky\Storage\StorageUnavailable;
use CrowdSky\Storage\WebDavClient;
use CrowdSky\Storage\WebDavStorage;
use PHPUnit\Framework\TestCase;

/** Shares that do not do what they say must never look like success. */
final class WebDavFaultsTest extends TestCase
{
    /** @var resource */
    private static $server;
    private static string $url;

    public static function setUpBeforeClass(): void
    {
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $address = stream_socket_get_name($probe, false);
        fclose($probe);
        self::$url = "http://$address";
        $quiet = ['file', '/dev/null', 'w'];
        self::$server = proc_open([PHP_BINARY, '-S', $address, __DIR__ . '/odd_share.php'], [1 => $quiet, 2 => $quiet], $pipes);
        for ($try = 0; $try < 2000 && @file_get_contents(self::$url . '/norange/x') === false; $try++) {
            usleep(50_000);
        }
    }

    public static function tearDownAfterClass(): void
    {
        proc_terminate(self::$server);
        proc_close(self::$server);
    }

    /** @dataProvider failingUploads */
    public function testAnUploadIsBelievedOnlyWhenItIsProven(string $fault, string $words): void
    {
        $file = new SpooledFile(__FILE__, (int) filesize(__FILE__), (string) hash_file('sha256', __FILE__));

        try {
            $this->storage()->put($file, "/$fault/x.fits");
            self::fail("the upload to /$fault was taken for a success");
        } catch (StorageUnavailable $error) {
            self::assertStringContainsString($words, (string) $error->getPrevious()?->getMessage());
            self::assertStringNotContainsString('sesame', $error->getMessage() . $error->getPrevious()?->getMessage());
        }
    }

    /** @return iterable<string, array{string, string}> */
    public static function failingUploads(): iterable
    {
        yield 'redirect' => ['redirect', '301; it redirects'];
        yield 'captive portal' => ['portal', 'was answered with 200'];
        yield 'nothing stored' => ['liar', 'holds other bytes'];
        yield 'wrong hash' => ['wronghash', 'holds other bytes'];
        yield 'accepted, not stored' => ['202', 'was answered with 202'];
        yield 'full' => ['507', 'the share is full'];
        yield 'locked' => ['423', '423'];
        yield 'file drop' => ['405', 'HEAD /405/x.fits'];
        yield 'no rights' => ['403', 'check webdav_token'];
    }

    public function testTheHashOfTheServerSparesTheReadBack(): void
    {
        $file = new SpooledFile(__FILE__, (int) filesize(__FILE__), (string) hash_file('sha256', __FILE__));

        $this->storage()->put($file, '/hash/x.fits');

        $this->addToAssertionCount(1);
    }

    public function testADownloadThatIsCutIsNoFile(): void
    {
        $this->expectException(StorageUnavailable::class);
        $this->read('/cut/x.fits');
    }

    public function testAnErrorPageIsNoFile(): void
    {
        $seen = '';
        try {
            $this->storage()->read('/500/x.fits', function (string $piece) use (&$seen): void {
                $seen .= $piece;
            });
            self::fail('an error was read as a file');
        } catch (StorageUnavailable) {
            self::assertSame('', $seen);
        }
    }

    public function testAServerWithoutRangesStillGivesTheRightPart(): void
    {
        self::assertSame('345', $this->read('/norange/x.fits', 3, 3));
        self::assertSame('89', $this->read('/norange/x.fits', 8, null));
    }

    public function testAServerThatIsNotThereIsUnavailable(): void
    {
        $this->expectException(StorageUnavailable::class);
        (new WebDavStorage(new WebDavClient('http://127.0.0.1:1', 'sesame')))->size('/x/y.fits');
    }

    private function read(string $path, int $offset = 0, ?int $length = null): string
    {
        $body = '';
        $this->storage()->read($path, function (string $piece) use (&$body): void {
            $body .= $piece;
        }, $offset, $length);
        return $body;
    }

    private function storage(): WebDavStorage
    {
        return new WebDavStorage(new WebDavClient(self::$url, 'sesame'));
    }
}
