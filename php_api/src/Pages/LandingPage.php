<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Registration;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Gallery\GalleryServices;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Plot\SkyOval;
use CrowdSky\Pages\Plot\StarField;
use CrowdSky\Sky\SkyStack;
use CrowdSky\Stars\StarServices;

/** The front page: what the site is for, what it has of the sky, and where to begin. All it shows is public. */
final class LandingPage
{
    private const PICTURES = 8;
    private const STARS = 400;

    public static function answer(App $app, Request $request): Response
    {
        $view = View::of(Visitor::of($app, $request));
        $gallery = GalleryServices::of($app);
        $facts = $gallery->face()->facts(SkyOval::content(...));
        $pictures = $gallery->showcase()->stacks($facts->pictures, self::PICTURES);
        $mapTitle = $view->texts()->say('The sky, with what has been observed of it');

        return $view->page('landing', 'CrowdSky', [
            'canRegister' => $app->config()->registration !== Registration::CLOSED,
            'chunkMinutes' => $app->config()->chunkMinutes,
            'licence' => $app->config()->dataLicence,
            'facts' => $facts,
            'map' => $facts->places === 0 ? null : new Html(SkyOval::svg($facts->drawing, $mapTitle)),
            'pictures' => $pictures,
            ...self::stars($app, $view, $pictures),
        ]);
    }

    /**
     * The stars of the first picture that has some.
     *
     * @param list<SkyStack> $pictures
     * @return array{field: ?Html, fieldStars: int, fieldOf: ?SkyStack}
     */
    private static function stars(App $app, View $view, array $pictures): array
    {
        foreach ($pictures as $stack) {
            $field = StarServices::of($app)->measuredSky()->brightest($stack->id, self::STARS);
            if ($field !== null) {
                $title = $view->texts()->say('Stars measured in {object}', ['object' => $stack->objectName]);

                return ['field' => new Html(StarField::svg($field, $title)), 'fieldStars' => $field->measured, 'fieldOf' => $stack];
            }
        }

        return ['field' => null, 'fieldStars' => 0, 'fieldOf' => null];
    }
}
