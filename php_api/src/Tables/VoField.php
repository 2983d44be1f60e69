<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** One column of a VOTable. */
final class VoField
{
    /**
     * @param string $type of VOTable: char, unicodeChar, boolean, int, long, float or double; a text has no fixed length
     * @param string $unit in the syntax of VOUnits; empty for none
     * @param string $ref COOSYS or TIMESYS that the values are in; empty for none
     */
    public function __construct(
        public readonly string $name,
        public readonly string $type,
        public readonly string $ucd,
        public readonly string $description,
        public readonly string $unit = '',
        public readonly string $utype = '',
        public readonly string $ref = '',
        public readonly string $xtype = '',
    ) {
    }

    public function toXml(): string
    {
        $attributes = [
            'name' => $this->name,
            'ID' => $this->name,
            'datatype' => $this->type,
            'arraysize' => $this->isText() ? '*' : '',
            'unit' => $this->unit,
            'ucd' => $this->ucd,
            'utype' => $this->utype,
            'ref' => $this->ref,
            'xtype' => $this->xtype,
        ];
        $xml = '<FIELD';
        foreach (array_filter($attributes, static fn (string $value): bool => $value !== '') as $name => $value) {
            $xml .= " $name=\"" . VoXml::text($value) . '"';
        }
        return "$xml><DESCRIPTION>" . VoXml::text($this->description) . '</DESCRIPTION></FIELD>';
    }

    public function toVosi(): string
    {
        $size = $this->isText() ? ' arraysize="*"' : '';
        $xml = '<column><name>' . VoXml::text($this->name) . '</name><description>' . VoXml::text($this->description) . '</description>';
        foreach (['unit' => $this->unit, 'ucd' => $this->ucd, 'utype' => $this->utype] as $name => $value) {
            $xml .= $value === '' ? '' : "<$name>" . VoXml::text($value) . "</$name>";
        }
        return "$xml<dataType xsi:type=\"vs:VOTableType\"$size>{$this->type}</dataType></column>";
    }

    private function isText(): bool
    {
        return in_array($this->type, ['char', 'unicodeChar'], true);
    }
}
