<?php
/**
 * @var CrowdSky\Trust\ResultFigures $figures
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\SkyFormat;

$levels = static fn (array $byPlane): string => $byPlane === [] ? Format::NONE
    : sprintf('%s %s', implode('/', array_keys($byPlane)), implode('/', array_map(static fn (float $level): string => Figures::plain($texts, (float) sprintf('%.4G', $level)), $byPlane)));
?>
<?= $t->count($figures->framesUsed, '{n} sub', '{n} subs') ?>, <?= $e(Figures::seconds($texts, $figures->exposure)) ?>,
<?= $t->count(count($figures->stars), '{n} star', '{n} stars') ?><br>
<?= $figures->centre === null ? $t('not solved') : $t('{place}, {scale} a pixel', [
    'place' => Figures::position($texts, ...$figures->centre),
    'scale' => SkyFormat::number($texts, $figures->scale, 4, '″'),
]) ?><br>
<span class="hint"><?= $t('sky {sky}; noise {noise} ADU', ['sky' => $levels($figures->sky), 'noise' => $levels($figures->noise)]) ?></span>
