//! An AWS account in the real window: a named profile that points at the emulator, from connecting to what a change would do.

use crate::gate::Gate;
use crate::program::Home;
use crate::window::Window;
use fantoccini::Locator;
use loadline_connectors::testing::MotoServer;
use std::time::Duration;

/// A shop with one of everything: a name, a balancer, a container service of one task, a database in one zone.
const SHOP: &str = "
ec2, elbv2, rds, ecs, dns = client('ec2'), client('elbv2'), client('rds'), client('ecs'), client('route53', 'us-east-1')
vpc = ec2.describe_vpcs(Filters=[{'Name': 'is-default', 'Values': ['true']}])['Vpcs'][0]['VpcId']
subnets = [s['SubnetId'] for s in ec2.describe_subnets(Filters=[{'Name': 'vpc-id', 'Values': [vpc]}])['Subnets']][:2]
front = elbv2.create_load_balancer(Name='front', Subnets=subnets, Type='application')['LoadBalancers'][0]
target = elbv2.create_target_group(Name='api', Protocol='HTTP', Port=8080, VpcId=vpc, TargetType='ip', HealthCheckPath='/health')['TargetGroups'][0]['TargetGroupArn']
elbv2.create_listener(LoadBalancerArn=front['LoadBalancerArn'], Protocol='HTTP', Port=80, DefaultActions=[{'Type': 'forward', 'TargetGroupArn': target}])
host = rds.create_db_instance(DBInstanceIdentifier='orders', DBInstanceClass='db.t3.medium', Engine='postgres', MasterUsername='app', MasterUserPassword='password',
    AllocatedStorage=20, AvailabilityZone='eu-west-1a', PubliclyAccessible=False, MultiAZ=False)['DBInstance']['Endpoint']['Address']
ecs.create_cluster(clusterName='main')
task = ecs.register_task_definition(family='api', networkMode='awsvpc', requiresCompatibilities=['FARGATE'], cpu='256', memory='512', containerDefinitions=[
    {'name': 'api', 'image': 'example/api:1', 'memory': 256, 'portMappings': [{'containerPort': 8080}],
     'environment': [{'name': 'DATABASE_URL', 'value': 'postgresql://app@' + host + ':5432/orders'}]}])['taskDefinition']['taskDefinitionArn']
ecs.create_service(cluster='main', serviceName='api', desiredCount=1, launchType='FARGATE', taskDefinition=task,
    networkConfiguration={'awsvpcConfiguration': {'subnets': subnets[:1], 'securityGroups': []}},
    loadBalancers=[{'targetGroupArn': target, 'containerName': 'api', 'containerPort': 8080}])
zone = dns.create_hosted_zone(Name='shop.example', CallerReference='1')['HostedZone']['Id']
dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={'Changes': [{'Action': 'CREATE', 'ResourceRecordSet': {'Name': 'www.shop.example', 'Type': 'A',
    'AliasTarget': {'HostedZoneId': 'Z32O12XQLNTSW2', 'DNSName': 'dualstack.' + front['DNSName'], 'EvaluateTargetHealth': True}}}]})
";

const NEXT: &str = "[data-testid=\"wizard-next\"]:not([disabled])";

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_connected_collected_failed_and_mended() {
    let moto = MotoServer::start().expect("moto");
    moto.script(SHOP).expect("a shop");
    let home = Home::new().expect("home");
    let gate = Gate::before(moto.port);
    let config = format!("[profile shop]\nregion = eu-west-1\nendpoint_url = {}\n", gate.url());
    home.shop_profile(&config, "secret").expect("written");
    let window = Window::open(&home, &[], (1360, 900)).await.expect("the window opens");
    let story = async {
        connect(&window).await?;
        stop_and_go_on(&window, &gate).await?;
        fail_and_mend(&window).await?;
        window.click("nav-roadmap").await?;
        window.find("page-roadmap").await?;
        let reach = window.find("plan-score").await?.text().await?;
        anyhow::ensure!(reach.contains("Readiness") && reach.contains('→'), "{reach}");
        Ok(())
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}

/// The wizard: the policy in each format, a region that is none, then a test that passes.
async fn connect(window: &Window) -> anyhow::Result<()> {
    window.click("connect-account").await?;
    window.find("wizard").await?;
    window.click("provider-aws").await?;
    window.click("policy-cloudformation").await?;
    window.shows("AWS::IAM::ManagedPolicy", 20).await?;
    window.click("policy-terraform").await?;
    window.shows("aws_iam_policy", 20).await?;
    window.click("policy-json").await?;
    window.shows("\"Version\": \"2012-10-17\"", 20).await?;
    window.click("wizard-next").await?;
    window.fill("field-profile", "shop").await?;
    window.fill("field-regions", "Ireland").await?;
    window.click("test-draft").await?;
    let wrong = window.find("wrong-regions").await?.text().await?;
    anyhow::ensure!(wrong.contains("Ireland"), "{wrong}");
    window.fill("field-regions", "eu-west-1 eu-central-1 us-east-1").await?;
    window.click("test-draft").await?;
    window.find("test-report").await?;
    window.click("granted").await?;
    window.shows("ecs:ListClusters", 20).await?;
    window.shows("Feeds ", 20).await?;
    window.wait(NEXT, 60).await?.click().await?;
    let estimate = window.find("estimate").await?.text().await?;
    anyhow::ensure!(estimate.contains("calls") && estimate.contains("billed"), "{estimate}");
    Ok(())
}

/// Progress by service, a stop while it runs, and the rest.
async fn stop_and_go_on(window: &Window, gate: &Gate) -> anyhow::Result<()> {
    gate.shut_after(150);
    window.wait(NEXT, 60).await?.click().await?;
    window.find("first-collection").await?;
    window.wait("[data-testid=\"collect-service\"][data-state=\"done\"]", 60).await?;
    window
        .wait("[data-testid=\"first-collection\"] ~ footer [data-testid=\"cancel-collect\"]", 20)
        .await?
        .click()
        .await?;
    window.shows("Stopped. What was read is kept", 60).await?;
    let waiting =
        window.client.find_all(Locator::Css("[data-testid=\"collect-service\"][data-state=\"waiting\"]")).await?;
    anyhow::ensure!(!waiting.is_empty(), "it was stopped before the end");
    gate.open();
    window.click("resume-collect").await?;
    window.shows("Collected and assessed.", 180).await?;
    let undone =
        window.client.find_all(Locator::Css("[data-testid=\"collect-service\"]:not([data-state=\"done\"])")).await?;
    anyhow::ensure!(undone.is_empty(), "every service was read");
    window.wait(NEXT, 60).await?.click().await?;
    Ok(())
}

/// A journey that needs the service, the database failed, and what a copy would change.
async fn fail_and_mend(window: &Window) -> anyhow::Result<()> {
    window.click("nav-map").await?;
    window.find("page-map").await?;
    window.click("map-declare").await?;
    window.fill("declare-name", "Check out").await?;
    node(window, "api").await?.click().await?;
    window.wait("[data-testid=\"declare-save\"]:not([disabled])", 20).await?.click().await?;
    window.shows("Undo", 60).await?;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    node(window, "orders").await?.click().await?;
    window.shows("stops 100", 60).await?;
    let sentence = window.find("map-sentence").await?.text().await?;
    anyhow::ensure!(sentence.contains("Check out"), "{sentence}");
    let replica = "//button[@data-testid='what-if'][contains(., 'Add a replica')]";
    window.client.find(Locator::XPath(replica)).await?.click().await?;
    window.find("map-answer").await?;
    let multi = "//button[@data-testid='what-if'][contains(., 'Make Multi-AZ')]";
    window.client.find(Locator::XPath(multi)).await?.click().await?;
    window.shows("Then it stops no journey", 30).await?;
    window.find("what-if-score").await?;
    window.shows("Would pass", 60).await?;
    let score = window.find("what-if-score").await?.text().await?;
    anyhow::ensure!(score.contains('→'), "{score}");
    Ok(())
}

/// A thing on the drawing by its name.
async fn node(window: &Window, name: &str) -> anyhow::Result<fantoccini::elements::Element> {
    let path = format!("//*[starts-with(@data-testid,'map-node-')][starts-with(@aria-label, '{name},')]");
    Ok(window.client.wait().at_most(Duration::from_secs(60)).for_element(Locator::XPath(&path)).await?)
}
