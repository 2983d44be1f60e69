<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** One column of a table, whatever the format; each of its values may be unknown. */
final class Column
{
    /**
     * @param string $unit in the syntax of VOUnits; empty for none
     * @param string $ucd of VOTable; empty for none
     * @param string $ref TIMESYS or COOSYS that the values are in; empty for none
     */
    public function __construct(
        public readonly string $name,
        public readonly ColumnType $type,
        public readonly string $description,
        public readonly string $unit = '',
        public readonly string $ucd = '',
        public readonly string $ref = '',
    ) {
    }

    public function toVoField(): VoField
    {
        return new VoField($this->name, $this->type->voTable(), $this->ucd, $this->description, $this->unit, ref: $this->ref);
    }
}
