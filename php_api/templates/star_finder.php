<?php
/**
 * @var ?array{svg: string, stackId: int, limit: ?float} $finder
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
use CrowdSky\Pages\SkyFormat;

?>
<h2><?= $t('Finder chart') ?></h2>
<?php if ($finder === null) : ?>
<p><?= $t('No stack that you see shows the place of this star.') ?></p>
<?php else : ?>
<figure>
<?= $finder['svg'] ?>

    <figcaption><?= $finder['limit'] === null
        ? $t('From the deepest stack, <a href="stack.php?id={id}">stack {id}</a>.', ['id' => $finder['stackId']])
        : $t('From the deepest stack, <a href="stack.php?id={id}">stack {id}</a>, which shows stars down to {limit}.', ['id' => $finder['stackId'], 'limit' => SkyFormat::number($texts, $finder['limit'], 1, 'mag')]) ?></figcaption>
</figure>
<?php endif ?>
