<?php

declare(strict_types=1);

namespace CrowdSky\Database;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;

/**
 * The database cannot serve the request now; the client may repeat it.
 *
 * After a lost lock nothing was changed. After a lost connection the commit may have happened, which is why every
 * call of the API can be repeated safely.
 */
final class DatabaseBusy extends Refusal
{
    private const RETRY_AFTER_SECONDS = 2;
    private const SQLITE_BUSY = 5;
    private const SQLITE_LOCKED = 6;
    /** Deadlock, lock wait timeout, row changed since it was read. */
    private const MARIADB_RETRY = [1213, 1205, 1020];
    /** Too many connections, shutting down, server gone, connection lost. */
    private const MARIADB_UNREACHABLE = [1040, 1053, 1203, 2002, 2006, 2013];

    public function __construct(\PDOException $cause, string $message = 'The database is busy; please try again shortly')
    {
        parent::__construct(RefusalKind::Unavailable, 'busy', $message, self::RETRY_AFTER_SECONDS, $cause);
    }

    /** Whether $error means that the server cannot be reached, so that an immediate retry is pointless. */
    public static function isUnreachable(\PDOException $error): bool
    {
        return in_array((int) ($error->errorInfo[1] ?? 0), self::MARIADB_UNREACHABLE, true);
    }

    /** Whether $error means a lost race for a lock, after which the same work can simply be repeated. */
    public static function matches(\PDOException $error): bool
    {
        $number = (int) ($error->errorInfo[1] ?? 0);
        return in_array($number, self::MARIADB_RETRY, true)
            || in_array($number & 0xff, [self::SQLITE_BUSY, self::SQLITE_LOCKED], true) && $number < 1000;
    }
}
