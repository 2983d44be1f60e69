<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;

/**
 * What all services have in common: their query, and beside it what VOSI 1.1 wants of them.
 */
final class VoService
{
    /**
     * @param string $name as in Vosi::SERVICES
     * @param \Closure(VoParameters): Response $query
     */
    public static function answer(App $app, Request $request, string $name, \Closure $query): Response
    {
        $service = Vosi::of($request, $name);
        if (!in_array($request->pathInfo(), ['', '/', '/query'], true)) {
            $request->requireMethod(['GET']);
        }
        try {
            return match ($request->pathInfo()) {
                '', '/', '/query' => $query(VoParameters::of($request)),
                '/availability' => $service->availability($app),
                '/capabilities' => $service->capabilities(),
                '/tables' => $service->tables(),
                default => throw Refusal::notFound('There are query, availability, capabilities and tables'),
            };
        } catch (Refusal $refusal) {
            // Cone search clients read the message of a bad query only with status 200.
            return VoTable::refusal($refusal, $service->isConeSearch() && $refusal->kind === RefusalKind::BadInput);
        }
    }
}
