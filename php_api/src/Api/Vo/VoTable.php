<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Response;
use CrowdSky\Http\Status;
use CrowdSky\Tables\VoField;
use CrowdSky\Tables\VoXml;

/**
 * Answers as VOTable 1.4 (TABLEDATA). Rows are sent as they are read, so an answer takes the same memory whatever its
 * length.
 *
 * Limits are told as DALI 1.1 wants it (QUERY_STATUS), and once more in the table itself: pyvo does not warn about them
 * in a cone search.
 */
final class VoTable
{
    private const TYPE = 'application/x-votable+xml';
    /** Lets pages of other sites read an answer, such as one that shows the sky; it holds nothing private. */
    public const FOR_ALL_PAGES = ['Access-Control-Allow-Origin' => '*'];
    private const HEAD = '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">';
    private const ROWS_AT_ONCE = 200;
    /** The systems that columns refer to. */
    private const SYSTEMS = '<COOSYS ID="icrs" system="ICRS"/>'
        . '<TIMESYS ID="utc" timeorigin="2400000.5" timescale="UTC" refposition="TOPOCENTER"/>';

    /** @param list<VoField> $fields */
    public function __construct(
        private readonly string $name,
        private readonly string $description,
        private readonly array $fields,
    ) {
    }

    /**
     * @param iterable<list<string|int|float|bool|null>> $rows values in the order of the fields; one more row than fits
     *     says that there are more
     */
    public function response(iterable $rows, int $maxRows): Response
    {
        return new Response(200, ['Content-Type' => self::TYPE] + self::FOR_ALL_PAGES, function () use ($rows, $maxRows): void {
            set_time_limit(0);
            echo $this->start();
            $count = 0;
            $isMore = false;
            foreach ($rows as $row) {
                if ($count === $maxRows) {
                    $isMore = true;
                    break;
                }
                echo '<TR>', implode('', array_map(VoXml::cell(...), $row)), "</TR>\n";
                $count++;
                if ($count % self::ROWS_AT_ONCE === 0) {
                    flush();
                }
            }
            // A source that has read as much as it may says so by what it returns.
            $isMore = $isMore || $rows instanceof \Generator && $rows->getReturn() === true;
            echo self::end($count, $isMore);
        });
    }

    /** The table as VOSI 1.1 describes it. */
    public function toVosi(): string
    {
        $columns = implode('', array_map(static fn (VoField $field): string => $field->toVosi(), $this->fields));
        return "<table><name>{$this->name}</name><description>" . VoXml::text($this->description) . "</description>$columns</table>";
    }

    /** The answer to a request that is refused: a VOTable, with the status of the refusal or 200 where clients want that. */
    public static function refusal(Refusal $refusal, bool $isAlways200): Response
    {
        $message = VoXml::text($refusal->getMessage());
        $body = VoXml::DECLARATION . self::HEAD . "\n<RESOURCE type=\"results\">\n"
            . "<INFO name=\"QUERY_STATUS\" value=\"ERROR\">$message</INFO>\n"
            // As Simple Cone Search 1.03 has it; DALI clients pass it over.
            . "<INFO name=\"Error\" ID=\"Error\" value=\"$message\"/>\n</RESOURCE>\n</VOTABLE>\n";
        $headers = ['Content-Type' => self::TYPE] + self::FOR_ALL_PAGES + Status::headers($refusal->kind, $refusal->retryAfterSeconds);
        return new Response($isAlways200 ? 200 : Status::of($refusal->kind), $headers, $body);
    }

    private function start(): string
    {
        $xml = VoXml::DECLARATION . self::HEAD . "\n<RESOURCE type=\"results\">\n"
            . '<DESCRIPTION>' . VoXml::text($this->description) . "</DESCRIPTION>\n"
            . "<INFO name=\"QUERY_STATUS\" value=\"OK\"/>\n";
        $fields = implode("\n", array_map(static fn (VoField $field): string => $field->toXml(), $this->fields));
        return $xml . self::SYSTEMS . "\n<TABLE name=\"{$this->name}\">\n$fields\n<DATA><TABLEDATA>\n";
    }

    private static function end(int $count, bool $isMore): string
    {
        $end = "</TABLEDATA></DATA>\n";
        if ($isMore) {
            $end .= "<INFO name=\"truncated\" value=\"true\">Only the first $count rows: ask for a smaller region or time, or for more by MAXREC</INFO>\n";
        }
        return "$end</TABLE>\n" . ($isMore ? "<INFO name=\"QUERY_STATUS\" value=\"OVERFLOW\"/>\n" : '') . "</RESOURCE>\n</VOTABLE>\n";
    }
}
