<?php
/**
 * @var int $status
 * @var string $message
 * @var ?string $reference
 * @var string $root  leads from here to the folder of the site
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 */
$headings = [
    400 => $t('That did not work'),
    403 => $t('Not allowed'),
    404 => $t('Not found'),
    405 => $t('That did not work'),
    409 => $t('Something has changed meanwhile'),
    413 => $t('Too large'),
    503 => $t('Please try again shortly'),
    507 => $t('No room left'),
];
?>
<section class="narrow">
    <h1><?= $headings[$status] ?? ($status < 500 ? $t('That did not work') : $t('Something went wrong')) ?></h1>
    <p><?= $e($texts->repeat($message)) ?></p>
<?php if ($reference !== null) : ?>
    <p><?= $t('If it happens again, give the operator of the site this reference: <code>{reference}</code>', ['reference' => $reference]) ?></p>
<?php endif ?>
    <p><a href="<?= $e($root) ?>index.php"><?= $t('Back to the start') ?></a></p>
</section>
