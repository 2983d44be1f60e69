<?php

declare(strict_types=1);

namespace CrowdSky\Tables;

/** A call that has more about each row of a table, for programs that follow DataLink (IVOA, 1.1, section 4). */
final class LinkedCall
{
    /**
     * @param string $address without parameters
     * @param string $parameter of the call, which a row gives
     * @param string $column of the table, with its values
     * @param array<string, string> $fixed further parameters
     */
    public function __construct(
        public readonly string $name,
        public readonly string $description,
        public readonly string $address,
        public readonly string $parameter,
        public readonly Column $column,
        public readonly array $fixed,
    ) {
    }

    /** The descriptor of the service, beside the table in a VOTable. */
    public function toXml(): string
    {
        $text = static fn (string $name, string $value): string
            => '<PARAM name="' . VoXml::text($name) . '" datatype="char" arraysize="*" value="' . VoXml::text($value) . '"/>';
        $inputs = "<PARAM name=\"{$this->parameter}\" datatype=\"{$this->column->type->voTable()}\" value=\"\" ref=\"{$this->column->name}\"/>";
        foreach ($this->fixed as $name => $value) {
            $inputs .= $text($name, $value);
        }
        return '<RESOURCE type="meta" utype="adhoc:service" name="' . VoXml::text($this->name) . '"><DESCRIPTION>' . VoXml::text($this->description)
            . "</DESCRIPTION>\n" . $text('accessURL', $this->address) . "<GROUP name=\"inputParams\">$inputs</GROUP></RESOURCE>\n";
    }
}
