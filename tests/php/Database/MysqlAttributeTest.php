<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

use CrowdSky\Database\MysqlAttribute;
use PHPUnit\Framework\TestCase;

final class MysqlAttributeTest extends TestCase
{
    /** PHP 8.4 brought the class; here it is declared where it is missing. */
    public function testTheNewNameIsPreferredWhereItExists(): void
    {
        $script = 'require $argv[1]; if (!class_exists("Pdo\Mysql")) { eval("namespace Pdo; class Mysql { const ATTR_FOUND_ROWS = 47; }"); }'
            . ' echo CrowdSky\Database\MysqlAttribute::named("FOUND_ROWS") === Pdo\Mysql::ATTR_FOUND_ROWS ? "new" : "old";';
        $process = proc_open([PHP_BINARY, '-r', $script, __DIR__ . '/../../../php_api/src/autoload.php'], [1 => ['pipe', 'w']], $pipes);
        self::assertIsResource($process);
        $answer = stream_get_contents($pipes[1]);
        proc_close($process);

        self::assertSame('new', $answer);
    }

    public function testWithoutItTheOldNameIsUsed(): void
    {
        $known = (new \ReflectionClass(\PDO::class))->getConstant('MYSQL_ATTR_FOUND_ROWS');

        self::assertSame($known, MysqlAttribute::named('FOUND_ROWS'));
    }
}
