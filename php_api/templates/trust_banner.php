<?php
/**
 * @var list<CrowdSky\Workers\ApiKey> $quarantined
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 */
foreach ($quarantined as $key) : ?>
<p class="problem" role="alert"><strong><?= $t('A result of the key “{name}” was found wrong.', ['name' => $key->name]) ?></strong>
    <?= $e(ucfirst($texts->repeat((string) $key->quarantineReason))) ?>.
    <?= $t('It has had no work since {when}. Revoke it, or lift this on the page <a href="admin_workers.php#keys">Workers</a>.', ['when' => $time($key->quarantinedAt)]) ?></p>
<?php endforeach ?>
