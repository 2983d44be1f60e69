<?php

declare(strict_types=1);

namespace CrowdSky\Database;

/**
 * A unique index refused a row. Callers that expect it (a taken user name, a second claim) catch it.
 */
final class DuplicateKey extends \RuntimeException
{
    private const MARIADB_DUPLICATE = 1062;

    public function __construct(\PDOException $cause)
    {
        parent::__construct('A row with the same unique key exists: ' . $cause->getMessage(), 0, $cause);
    }

    public static function matches(\PDOException $error): bool
    {
        return ($error->errorInfo[1] ?? 0) === self::MARIADB_DUPLICATE
            || str_contains($error->getMessage(), 'UNIQUE constraint failed');
    }
}
