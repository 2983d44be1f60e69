<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Database;

/** A statement that remembers itself and its values, so that a test can ask the database how it went about it. */
final class RecordedStatement extends \PDOStatement
{
    /** @var list<self> */
    public static array $all = [];
    /** @var list<array{int, mixed, int}> */
    public array $bound = [];

    protected function __construct()
    {
        self::$all[] = $this;
    }

    public function bindValue(string|int $param, mixed $value, int $type = \PDO::PARAM_STR): bool
    {
        $this->bound[] = [$param, $value, $type];
        return parent::bindValue($param, $value, $type);
    }
}
