<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\SkyServices;

/** api/moc.php: what the public stacks cover, as a MOC. */
final class CoverageFile
{
    /** @throws Refusal for another format than fits or json */
    public static function answer(App $app, Request $request): Response
    {
        $format = $request->query('format') ?? 'fits';
        if (!in_array($format, ['fits', 'json'], true)) {
            throw Refusal::badInput("'format' must be fits or json");
        }
        $moc = SkyServices::of($app)->coverageMap()->now();
        $type = $format === 'fits' ? 'application/fits' : 'application/json';
        return new Response(200, ['Content-Type' => $type] + VoTable::FOR_ALL_PAGES, $format === 'fits' ? $moc->toFits() : $moc->toJson());
    }
}
