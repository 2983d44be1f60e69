<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

use CrowdSky\Base\Config;
use CrowdSky\Base\SettingsReader;
use CrowdSky\Database\Connector;
use PHPUnit\Framework\TestCase;

final class ConnectorTest extends TestCase
{
    /** What another process does that opens the same new file: it writes, and ends soon. */
    private const HOLDER = <<<'PHP'
        $pdo = new PDO("sqlite:$argv[1]");
        $pdo->exec('CREATE TABLE other (id)');
        $pdo->exec('BEGIN IMMEDIATE');
        echo "locked\n";
        usleep(300000);
        $pdo->exec('COMMIT');
        PHP;

    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/crowdsky-connector-' . bin2hex(random_bytes(6));
        mkdir($this->folder);
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("{$this->folder}/*") ?: []);
        rmdir($this->folder);
    }

    public function testANewFileThatAnotherProcessWritesToIsWaitedFor(): void
    {
        $settings = new SettingsReader(['data_dir' => $this->folder], static fn (string $name): bool => false, 'the test');
        $config = new Config($settings, $this->folder);
        $root = dirname(__DIR__, 3);
        $connector = new Connector($config, new StillClock(), "$root/php_api/migrations");
        $holder = proc_open(
            [PHP_BINARY, '-r', self::HOLDER, "{$this->folder}/crowdsky.sqlite"],
            [1 => ['pipe', 'w']],
            $pipes,
        );
        self::assertIsResource($holder);
        self::assertSame("locked\n", fgets($pipes[1]));

        try {
            $database = $connector->open();
        } finally {
            proc_close($holder);
        }

        self::assertSame('wal', $database->value('PRAGMA journal_mode'));
    }
}
