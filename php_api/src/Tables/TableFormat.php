<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** A kind of file that a table can be written as. */
interface TableFormat
{
    public function mediaType(): string;

    /** End of a file's name, without the dot. */
    public function extension(): string;

    /**
     * Writes the table piece by piece, in memory that does not grow with its rows.
     *
     * @param \Closure(string): mixed $sink gets the pieces in order
     */
    public function write(Table $table, \Closure $sink): void;
}
