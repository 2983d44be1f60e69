<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Tables\VoXml;

/** What a service says about itself: VOSI 1.1, availability, capabilities and tables. */
final class Vosi
{
    /** Standard and interface of each service. */
    private const SERVICES = [
        'scs_stacks' => ['ivo://ivoa.net/std/ConeSearch', 'cs:ConeSearch'],
        'scs_stars' => ['ivo://ivoa.net/std/ConeSearch', 'cs:ConeSearch'],
        'sia2' => ['ivo://ivoa.net/std/SIA#query-2.0', ''],
    ];
    private const NAMESPACES = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:vr="http://www.ivoa.net/xml/VOResource/v1.0"'
        . ' xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"';

    private function __construct(private readonly string $name, private readonly string $address)
    {
    }

    public static function of(Request $request, string $name): self
    {
        return new self($name, "{$request->siteAddress()}/api/$name.php");
    }

    public function isConeSearch(): bool
    {
        return str_starts_with($this->name, 'scs');
    }

    /** Says that the service answers, which it does not without its database. */
    public function availability(App $app): Response
    {
        $app->database();
        return self::xml('<vosi:availability xmlns:vosi="http://www.ivoa.net/xml/VOSIAvailability/v1.0">'
            . '<vosi:available>true</vosi:available></vosi:availability>');
    }

    public function capabilities(): Response
    {
        [$standard, $type] = self::SERVICES[$this->name];
        $own = $this->isConeSearch()
            ? self::capability($standard, $this->address . '?', $type) : self::capability($standard, "{$this->address}/query", '');
        $vosi = '';
        foreach (['capabilities', 'availability', 'tables'] as $part) {
            $vosi .= self::capability("ivo://ivoa.net/std/VOSI#$part", "{$this->address}/$part", '', 'full');
        }
        return self::xml('<vosi:capabilities xmlns:vosi="http://www.ivoa.net/xml/VOSICapabilities/v1.0"'
            . ' xmlns:cs="http://www.ivoa.net/xml/ConeSearch/v1.0"' . self::NAMESPACES . ">$own$vosi</vosi:capabilities>");
    }

    public function tables(): Response
    {
        $table = match ($this->name) {
            'sia2' => ObsCore::table(),
            'scs_stars' => StarSearch::table(),
            default => ConeSearch::table(),
        };
        return self::xml('<vosi:tableset xmlns:vosi="http://www.ivoa.net/xml/VOSITables/v1.0"' . self::NAMESPACES
            . "><schema><name>default</name>{$table->toVosi()}</schema></vosi:tableset>");
    }

    private static function capability(string $standard, string $address, string $type, string $use = 'base'): string
    {
        $kind = $type === '' ? '' : " xsi:type=\"$type\"";
        // Limits as Simple Cone Search 1.03 wants them told.
        $limits = $type === '' ? '' : '<maxSR>180.0</maxSR><maxRecords>' . ConeSearch::MOST_ROWS . '</maxRecords><verbosity>true</verbosity>'
            . '<testQuery><ra>192.7</ra><dec>41.1</dec><sr>1.0</sr></testQuery>';
        $role = $use === 'full' ? '' : ' role="std"';
        return "<capability standardID=\"$standard\"$kind><interface xsi:type=\"vs:ParamHTTP\"$role version=\"1.0\">"
            . "<accessURL use=\"$use\">" . VoXml::text($address) . "</accessURL></interface>$limits</capability>";
    }

    private static function xml(string $body): Response
    {
        return new Response(200, ['Content-Type' => 'text/xml; charset=utf-8'], VoXml::DECLARATION . $body . "\n");
    }
}
