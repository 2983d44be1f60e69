<?php
/**
 * @var CrowdSky\Measurements\Photometry $photometry
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Base\Format;
use CrowdSky\Measurements\Photometry;
use CrowdSky\Pages\SkyFormat;

$names = ['r' => $t('red'), 'g' => $t('green'), 'b' => $t('blue')];
?>
<h2><?= $t('Photometry') ?></h2>
<dl class="facts-list">
    <dt><?= $t('Sky brightness') ?></dt><dd><?= $e(SkyFormat::skyBrightness($texts, $photometry)) ?></dd>
    <dt><?= $t('Limiting magnitude') ?></dt><dd><?= $e(SkyFormat::number($texts, $photometry->get('limiting_mag'), 1, 'mag')) ?></dd>
    <dt><?= $t('Catalogue') ?></dt><dd><?= $e($photometry->catalogue ?? Format::NONE) ?>
<?php if ($photometry->get('catalogue_error') !== null) : ?>
        (<?= $t('{error} for one star', ['error' => SkyFormat::number($texts, $photometry->get('catalogue_error'), 2, 'mag')]) ?>)
<?php endif ?></dd>
    <dt><?= $t('Mid-exposure') ?></dt><dd><?= $e(SkyFormat::number($texts, $photometry->get('bjd_tdb_mid'), 6, 'BJD (TDB)')) ?></dd>
</dl>
<div class="scroll" role="region" aria-label="<?= $t('Zero points') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Plane') ?></th><th class="number"><?= $t('Zero point') ?></th><th class="number"><?= $t('Error') ?></th><th class="number"><?= $t('Scatter') ?></th><th class="number"><?= $t('Colour term') ?></th><th class="number"><?= $t('Stars') ?></th><th class="number"><?= $t('Seeing') ?></th></tr></thead>
    <tbody>
<?php foreach (Photometry::PLANES as $plane) : ?>
<?php $stars = $photometry->get('zero_point_stars', $plane) ?>
        <tr>
            <td class="title" data-label="<?= $t('Plane') ?>"><?= $names[$plane] ?></td>
            <td class="number" data-label="<?= $t('Zero point') ?>"><?= $e(SkyFormat::number($texts, $photometry->get('zero_point', $plane), 2, 'mag')) ?></td>
            <td class="number" data-label="<?= $t('Error') ?>"><?= $e(SkyFormat::number($texts, $photometry->get('zero_point_error', $plane), 3, 'mag')) ?></td>
            <td class="number" data-label="<?= $t('Scatter') ?>"><?= $e(SkyFormat::number($texts, $photometry->get('zero_point_scatter', $plane), 2, 'mag')) ?></td>
            <td class="number" data-label="<?= $t('Colour term') ?>"><?= $e(SkyFormat::number($texts, $photometry->get('colour_term', $plane), 2, '')) ?></td>
            <td class="number" data-label="<?= $t('Stars') ?>"><?= $stars === null ? Format::NONE : $t->number((int) $stars) ?></td>
            <td class="number" data-label="<?= $t('Seeing') ?>"><?= $e(SkyFormat::number($texts, $photometry->get('fwhm_arcsec', $plane), 1, '″')) ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
