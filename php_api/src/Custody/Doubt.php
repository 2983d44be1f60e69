<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

/**
 * Why the stacks in storage may not be this site's to delete.
 */
enum Doubt: string
{
    /** The storage holds a mark with the id of another archive. */
    case AnotherSite = 'another site';
    /** The storage holds a mark of this archive that this database has not written. */
    case AnotherCopy = 'another copy';
    /** The mark that this database has written is gone. */
    case MarkGone = 'mark gone';
    /** The data folder of this host is not the one of the database, which was copied to it or moved. */
    case AnotherHost = 'another host';

    /** Names no path, host or account: anybody can see it. */
    public function sentence(): string
    {
        $finding = match ($this) {
            self::AnotherSite => 'the storage is in the custody of another site; give every site a storage_base of its own',
            self::AnotherCopy => 'another copy of this database has used the storage since; this one was restored from a backup or cloned',
            self::MarkGone => "this site's mark is missing from the storage; the storage was replaced, restored or is not mounted",
            self::AnotherHost => 'the data folder is not the one of this database, which was copied or moved to this host; see also the check host',
        };
        return "$finding. No stack is deleted or moved until this is settled; see 'Custody of the storage' in docs/operations.md";
    }
}
