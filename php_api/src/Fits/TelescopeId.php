<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Tells telescopes apart by TELESCOP.
 *
 * Newer Seestars write model and serial number (`S50_8a95aa90`). Older firmware writes `Seestar S50`, which is every S50:
 * such a telescope gets the unit of its owner, so that two owners do not share one telescope. The worker writes the same
 * id into the stack (crowdsky/frames/telescopes.py).
 */
final class TelescopeId
{
    private const UNIT = '/_[0-9A-Za-z]{4,}$/D';
    private const OWNER_DIGITS = 8;

    /**
     * @param string $archiveId the oldest one that the archive is known to have, because restored backups get a new one
     * @return string|null null where the subs name no telescope
     */
    public static function of(?string $telescope, string $archiveId, int $userId): ?string
    {
        if ($telescope === null || self::namesUnit($telescope)) {
            return $telescope;
        }

        return "{$telescope}_u" . substr(hash('sha256', "$archiveId:$userId"), 0, self::OWNER_DIGITS);
    }

    /** Whether it names a unit and not only a model. */
    public static function namesUnit(string $telescope): bool
    {
        return preg_match(self::UNIT, $telescope) === 1;
    }
}
